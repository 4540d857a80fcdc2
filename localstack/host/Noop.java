/** LocalStack starts DynamoDB Local with an agent that it would download; this one does nothing. */
public class Noop {
    public static void premain(String arguments, java.lang.instrument.Instrumentation instrumentation) {}
}
