/** Made by `dev/zstd-wasm.ts`: the address of the decoder's WebAssembly module. */
declare module 'virtual:zstd-wasm' {
  const url: string;
  export default url;
}
