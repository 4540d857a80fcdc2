//! What is to be connected to, and how to begin: everything that a first
//! connection, a redirected one and one after a lost network share.

use causeway_fleet::HostKey;
use causeway_model::settings::RdpSettings;
use causeway_target::certificate::CertificatePolicy;
use causeway_target::desktop::DesktopSize;
use causeway_wire::message::DataPolicy;
use ironrdp_pdu::rdp::server_redirection::ServerRedirectionPdu;
use ironrdp_pdu::rdp::session_info::ServerAutoReconnect;

use crate::credentials::Credentials;

/// Machines that a broker may send us through, one after the other.
pub(crate) const REDIRECTIONS_MAX: usize = 5;
/// Longest routing token (MS-RDPBCGR 2.2.1.1), in bytes.
const ROUTING_TOKEN_BYTES_MAX: usize = 238;

/// Everything that a connection needs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) settings: RdpSettings,
    pub(crate) policy: DataPolicy,
    pub(crate) credentials: Credentials,
    pub(crate) remembered: Vec<HostKey>,
    pub(crate) size: DesktopSize,
    /// Proof that a lost session is ours (MS-RDPBCGR 5.5).
    pub(crate) cookie: Option<ServerAutoReconnect>,
    pub(crate) route: Route,
}

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) hostname: String,
    pub(crate) port: u16,
    pub(crate) routing_token: Option<String>,
    /// The session at the target that a broker chose.
    pub(crate) session: Option<u32>,
    /// What a broker gave to sign in with, in place of the password.
    pub(crate) password_cookie: Option<Vec<u8>>,
    /// The certificate (DER) that a broker vouches for.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Route {
    /// Where the settings lead.
    pub(crate) fn of(settings: &RdpSettings) -> Self {
        let token = settings.load_balance_info.as_deref();
        Self {
            hostname: settings.hostname.clone(),
            port: settings.port,
            routing_token: token.and_then(|token| routing_token(token.as_bytes())),
            session: None,
            password_cookie: None,
            certificate: None,
        }
    }

    /// Where a broker leads from here (MS-RDPBCGR 3.2.5.13.1).
    pub(crate) fn redirected(&self, to: &ServerRedirectionPdu) -> Self {
        let token = to.load_balance_info.as_deref().and_then(routing_token);
        // With a token, the balancer that we reached leads on; without one,
        // the machine is to be reached by name or address.
        let named = [
            &to.target_fqdn,
            &to.target_net_address,
            &to.target_netbios_name,
        ];
        let named = named.into_iter().flatten().find(|name| is_host(name));
        let hostname = match (&token, named) {
            (None, Some(named)) => named.clone(),
            _ => self.hostname.clone(),
        };
        let certificate = to.target_certificate.as_ref();
        let certificate = certificate.and_then(|container| container.elements.first());
        Self {
            hostname,
            port: self.port,
            routing_token: token,
            session: Some(to.session_id),
            password_cookie: to.password.clone(),
            certificate: certificate.map(|element| element.data.clone()),
        }
    }
}

impl Plan {
    /// Which certificates count where the route leads.
    pub(crate) fn certificates(&self) -> CertificatePolicy {
        let settings = self.settings.certificate.clone();
        let vouched = self.route.certificate.as_deref();
        let vouched = vouched.map(causeway_target::certificate::describe);
        let known: Vec<HostKey> = self.remembered.iter().cloned().chain(vouched).collect();
        CertificatePolicy::new(&self.route.hostname, settings, &known)
    }

    /// Takes over what a broker says.
    pub(crate) fn redirect(&mut self, to: &ServerRedirectionPdu) {
        self.route = self.route.redirected(to);
        if let Some(username) = to.username.as_deref().filter(|name| !name.is_empty()) {
            self.credentials.username = username.to_owned();
        }
        if let Some(domain) = to.domain.as_deref().filter(|name| !name.is_empty()) {
            self.credentials.domain = Some(domain.to_owned());
        }
    }
}

/// A routing token as it may stand in a request: printable, without its end
/// of line.
fn routing_token(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    let text = text.trim_end_matches(['\r', '\n', '\0']);
    let fits = (1..=ROUTING_TOKEN_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    fits.then(|| text.to_owned())
}

/// What a target calls another machine is looked up, so it has to look like
/// the name of one.
fn is_host(name: &str) -> bool {
    name.parse::<causeway_model::host::Host>()
        .is_ok_and(|host| host.port().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> Route {
        Route {
            hostname: "broker".to_owned(),
            port: 3389,
            routing_token: None,
            session: None,
            password_cookie: None,
            certificate: None,
        }
    }

    #[test]
    fn a_broker_leads_to_a_machine_or_through_itself() {
        let mut to = ServerRedirectionPdu {
            session_id: 7,
            target_fqdn: Some("host-3.example".to_owned()),
            target_net_address: Some("10.0.0.3".to_owned()),
            ..ServerRedirectionPdu::default()
        };
        let direct = route().redirected(&to);
        assert_eq!(direct.hostname, "host-3.example");
        assert_eq!((direct.port, direct.session), (3389, Some(7)));

        to.load_balance_info = Some(b"Cookie: msts=3640205228.15629.0000\r\n".to_vec());
        let balanced = route().redirected(&to);
        assert_eq!(balanced.hostname, "broker");
        let token = balanced.routing_token.as_deref();
        assert_eq!(token, Some("Cookie: msts=3640205228.15629.0000"));
    }

    #[test]
    fn a_broker_cannot_lead_to_what_is_no_machine() {
        let to = ServerRedirectionPdu {
            target_fqdn: Some("host name/with?odd".to_owned()),
            load_balance_info: Some(vec![0, 1, 2]),
            ..ServerRedirectionPdu::default()
        };
        let same = route().redirected(&to);
        assert_eq!(
            (same.hostname.as_str(), same.routing_token),
            ("broker", None)
        );
    }
}
