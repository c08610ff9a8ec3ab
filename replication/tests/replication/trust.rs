//! Authorities, identities and their renewal, join tokens.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use marquee_replication::NodeId;
use marquee_replication::trust::{
    ClusterAuthority, IdentityStore, JoinToken, NodeIdentity, RenewalOptions, TokenError, TokenRecord,
    TokenRefusal, TrustError, Validity, renew_when_due,
};
use parking_lot::Mutex;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn authority() -> ClusterAuthority {
    ClusterAuthority::create("box-office", SystemTime::now()).unwrap()
}

fn validity() -> Validity {
    Validity::starting(SystemTime::now(), 90 * DAY)
}

#[test]
fn an_authority_survives_as_text() {
    let authority = authority();
    let again = ClusterAuthority::from_pem(&authority.to_pem()).unwrap();
    assert_eq!((again.cluster(), again.fingerprint()), ("box-office", authority.fingerprint()));
    assert!(!authority.certificate_pem().contains("PRIVATE"));
    let identity = again.issue(NodeId(7), validity()).unwrap();
    assert_eq!(identity.fingerprint(), authority.fingerprint());
}

#[test]
fn an_identity_survives_as_text() {
    let identity = authority().issue(NodeId(7), validity()).unwrap();
    let again = NodeIdentity::from_pem(&identity.to_pem()).unwrap();
    assert_eq!((again.node(), again.cluster()), (NodeId(7), "box-office"));
    assert_eq!(again.validity(), identity.validity());
    assert_eq!(again.fingerprint(), identity.fingerprint());
}

#[test]
fn damaged_or_mixed_up_texts_are_refused() {
    let (one, other) = (authority(), authority());
    let (certificate, key) = (one.certificate_pem(), other.to_pem());
    let key = key.split_once("-----BEGIN PRIVATE").unwrap().1;
    let mixed = format!("{certificate}-----BEGIN PRIVATE{key}");
    assert!(ClusterAuthority::from_pem(&mixed).is_err(), "a key of another authority");
    assert!(matches!(ClusterAuthority::from_pem(&certificate), Err(TrustError::Missing(_))));
    assert!(ClusterAuthority::from_pem("").is_err());

    let identity = one.issue(NodeId(7), validity()).unwrap().to_pem();
    let foreign = other.issue(NodeId(7), validity()).unwrap().to_pem();
    let parts = |text: &str| text.split_inclusive("-----\n").map(str::to_owned).collect::<Vec<_>>();
    let (identity, foreign) = (parts(&identity), parts(&foreign));
    let own_leaf = [&identity[..2], &foreign[2..]].concat().concat();
    assert!(NodeIdentity::from_pem(&own_leaf).is_err(), "a certificate under another authority");
    let own_key = [&foreign[..4], &identity[4..]].concat().concat();
    assert!(NodeIdentity::from_pem(&own_key).is_err(), "a key of another certificate");
    assert!(NodeIdentity::from_pem(&identity.concat()).is_ok());
}

#[test]
fn node_0_and_odd_names_get_no_certificate() {
    assert!(authority().issue(NodeId(0), validity()).is_err());
    for name in ["", "Box Office", "box.office", "-"] {
        let refused = ClusterAuthority::create(name, SystemTime::now());
        assert!(matches!(refused, Err(TrustError::ClusterName(_))), "{name:?}");
    }
}

#[test]
fn an_identity_is_replaced_by_the_same_node_s_only() {
    let authority = authority();
    let store = IdentityStore::new(authority.issue(NodeId(7), validity()).unwrap()).unwrap();
    let foreign = self::authority().issue(NodeId(7), validity()).unwrap();
    assert!(matches!(store.replace(foreign), Err(TrustError::Foreign { .. })));
    assert!(store.replace(authority.issue(NodeId(8), validity()).unwrap()).is_err());
    let before = store.expires_at();
    let longer = Validity::starting(SystemTime::now(), 100 * DAY);
    store.replace(authority.issue(NodeId(7), longer).unwrap()).unwrap();
    assert!(store.expires_at() > before + 9 * DAY);
}

#[test]
fn no_secret_is_printed() {
    let authority = authority();
    let identity = authority.issue(NodeId(7), validity()).unwrap();
    let token = JoinToken::generate(authority.fingerprint()).unwrap();
    let secret = token.to_string();
    let printed = format!("{authority:?} {identity:?} {token:?} {:?}", token.secret());
    assert!(!printed.contains("PRIVATE") && !printed.contains(&secret[60..]), "{printed}");
}

/// Runs the renewal on a clock that the runtime's virtual time moves.
#[tokio::test(start_paused = true)]
async fn a_certificate_is_renewed_in_time_and_after_failures() {
    let authority = Arc::new(authority());
    let start = (SystemTime::now(), tokio::time::Instant::now());
    let clock = move || start.0 + start.1.elapsed();
    let validity = Validity::starting(start.0, 90 * DAY);
    let store = IdentityStore::new(authority.issue(NodeId(7), validity).unwrap()).unwrap();
    let first_end = store.expires_at();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let issue = {
        let (authority, asked) = (Arc::clone(&authority), Arc::clone(&asked));
        move |validity: Validity| {
            asked.lock().push(clock().duration_since(start.0).unwrap());
            if asked.lock().len() <= 2 {
                return Err(TrustError::Keep(std::io::Error::other("the disk is full")));
            }
            authority.issue(NodeId(7), validity)
        }
    };
    let options = RenewalOptions { lifetime: 90 * DAY, ..RenewalOptions::default() };
    let renewal = tokio::spawn(renew_when_due(Arc::clone(&store), options, clock, issue));

    tokio::time::sleep(59 * DAY).await;
    assert_eq!(asked.lock().len(), 0, "too early");
    tokio::time::sleep(2 * DAY).await;
    assert_eq!(asked.lock().len(), 3, "two failures, then it works, then it rests");
    assert!(store.expires_at() > first_end + 59 * DAY);
    for month in 0..24 {
        tokio::time::sleep(30 * DAY).await;
        assert!(store.expires_at() > clock() + 29 * DAY, "month {month}");
    }
    renewal.abort();
}

#[test]
fn a_token_survives_being_copied() {
    let authority = authority();
    let token = JoinToken::generate(authority.fingerprint()).unwrap();
    let text = token.to_string();
    assert!(text.starts_with("mqt1") && text.len() == 88, "{text}");
    let broken_up = format!("  {}\n  {}\t", &text[..40], text[40..].to_uppercase());
    for copy in [text.clone(), text.to_uppercase(), broken_up] {
        let copied: JoinToken = copy.parse().unwrap();
        assert_eq!(copied, token);
        assert_eq!(copied.fingerprint(), authority.fingerprint());
        assert_eq!(copied.secret_hash(), token.secret().hash());
    }
}

#[test]
fn every_mistyped_letter_of_a_token_is_noticed() {
    let text = JoinToken::generate(authority().fingerprint()).unwrap().to_string();
    for place in 0..text.len() {
        for letter in ['a', 'q', '7', '0'] {
            let mut typed = text.clone();
            typed.replace_range(place..=place, &letter.to_string());
            assert!(typed == text || typed.parse::<JoinToken>().is_err(), "{typed}");
        }
    }
    assert_eq!("mqt2abc".parse::<JoinToken>(), Err(TokenError::Prefix));
    assert!(matches!(text[..80].parse::<JoinToken>(), Err(TokenError::Length { found: 80, expected: 88 })));
    assert!(matches!("mqt1-ä".parse::<JoinToken>(), Err(TokenError::Letter { letter: '-' })));
}

#[test]
fn a_token_is_good_until_it_is_used_or_too_late() {
    let fingerprint = authority().fingerprint();
    let token = JoinToken::generate(fingerprint).unwrap();
    let stranger = JoinToken::generate(fingerprint).unwrap();
    let mut record = TokenRecord { secret_hash: token.secret_hash(), expires_at_ms: 1_000, used_by: None };
    assert_eq!(record.admits(&token.secret_hash(), 999), Ok(()));
    assert_eq!(record.admits(&token.secret_hash(), 1_000), Err(TokenRefusal::Expired));
    assert_eq!(record.admits(&stranger.secret_hash(), 0), Err(TokenRefusal::Unknown));
    record.used_by = Some(NodeId(3));
    assert_eq!(record.admits(&token.secret_hash(), 0), Err(TokenRefusal::Used { node: NodeId(3) }));
}
