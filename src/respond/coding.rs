//! Content codings: which one a request wants, and the bytes in it.

use std::io::{self, Write};

use bytes::Bytes;
use http::header::{self, HeaderMap};

use crate::snapshot::CODINGS;

const _: () = assert!(Coding::Gzip as usize == CODINGS - 1, "there is room for the heads of each");

/// How the bytes of a document are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are.
    Identity,
    /// Brotli, RFC 7932
    Brotli,
    /// Zstandard, RFC 8878
    Zstd,
    /// gzip, RFC 1952
    Gzip,
}

impl Coding {
    /// The name in `Content-Encoding`; none for bytes as they are.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Coding::Identity => None,
            Coding::Brotli => Some("br"),
            Coding::Zstd => Some("zstd"),
            Coding::Gzip => Some("gzip"),
        }
    }

    /// What tells its entity tag from those of the other codings.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Coding::Identity => "",
            Coding::Brotli => "-br",
            Coding::Zstd => "-zstd",
            Coding::Gzip => "-gzip",
        }
    }
}

/// The weights that a request gives to the codings that are offered, in thousandths, and to all that it does not name.
#[derive(Default)]
struct Wishes {
    brotli: Option<u16>,
    zstd: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Wishes {
    fn of(headers: &HeaderMap) -> Self {
        let mut wishes = Wishes::default();
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        for (name, weight) in lines.flat_map(|line| line.split(',')).filter_map(wish) {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let wish = match name {
                _ if is("gzip") || is("x-gzip") => &mut wishes.gzip,
                _ if is("br") => &mut wishes.brotli,
                _ if is("zstd") => &mut wishes.zstd,
                _ if is("identity") => &mut wishes.identity,
                "*" => &mut wishes.any,
                _ => continue,
            };
            // what is said first counts
            wish.get_or_insert(weight);
        }
        wishes
    }
}

/// The coding that the request prefers, RFC 9110 §12.5.3; of equals the smallest result. None when it refuses all of them.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<Coding> {
    let Wishes { brotli, zstd, gzip, identity, any } = Wishes::of(headers);
    let offers = [(Coding::Brotli, brotli), (Coding::Zstd, zstd), (Coding::Gzip, gzip)];
    let offers = offers.map(|(coding, wish)| (coding, wish.or(any).unwrap_or(0)));
    // max_by_key takes the last of equals, so the preferred one stands last.
    let best = offers.into_iter().rev().max_by_key(|(_, q)| *q).filter(|(_, q)| *q > 0 && *q >= identity.unwrap_or(0));
    match best {
        Some((coding, _)) => Some(coding),
        None => (identity.or(any) != Some(0)).then_some(Coding::Identity),
    }
}

/// One member of the list with its weight in thousandths. A weight that is none refuses nothing and asks for nothing.
fn wish(member: &str) -> Option<(&str, u16)> {
    let mut parameters = member.split(';').map(str::trim);
    let name = parameters.next().filter(|name| !name.is_empty())?;
    let weight = parameters.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
    let Some(weight) = weight else { return Some((name, 1000)) };
    let weight: f32 = weight.parse().ok().filter(|q| (0.0..=1.0).contains(q))?;
    Some((name, (weight * 1000.0).round() as u16))
}

/// The bytes of `parts`, one after the other, in a coding; equal input gives equal bytes. Takes milliseconds: not for async threads.
///
/// # Errors
/// When the compressor fails.
pub fn compress(parts: &[Bytes], coding: Coding) -> io::Result<Bytes> {
    let plain = parts.concat();
    let packed = match coding {
        Coding::Identity => plain,
        Coding::Zstd => zstd::bulk::compress(&plain, 3)?,
        Coding::Brotli => {
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            writer.write_all(&plain)?;
            writer.into_inner()
        }
        Coding::Gzip => {
            let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
            let mut packed = vec![0; compressor.gzip_compress_bound(plain.len())];
            let len = compressor.gzip_compress(&plain, &mut packed).map_err(io::Error::other)?;
            packed.truncate(len);
            packed
        }
    };
    // all of these have room for more, which is not to be kept with them
    Ok(Bytes::copy_from_slice(&packed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wishes: Option<&'static str>, expected: Option<Coding>) {
        let headers = wishes.map(|w| (header::ACCEPT_ENCODING, http::HeaderValue::from_static(w))).into_iter().collect();
        assert_eq!(negotiate(&headers), expected, "{wishes:?}");
    }

    #[test]
    fn the_preferred_coding_is_found_by_its_weight() {
        for (wishes, expected) in [
            (None, Some(Coding::Identity)), // HT-20
            (Some(""), Some(Coding::Identity)),
            (Some("deflate"), Some(Coding::Identity)),
            (Some("gzip, deflate"), Some(Coding::Gzip)),
            (Some("gzip, zstd, br"), Some(Coding::Brotli)),
            (Some("gzip;q=0.2, br;q=0.9"), Some(Coding::Brotli)),
            (Some("br;q=0, zstd;q=0, gzip;q=0.5"), Some(Coding::Gzip)),
            (Some("x-gzip;q=1.0, identity;q=0.5"), Some(Coding::Gzip)),
            (Some("gzip;q=0.5, identity"), Some(Coding::Identity)),
            (Some("gzip;q=0"), Some(Coding::Identity)),
            (Some("identity;q=0"), None),
            (Some("*;q=0"), None),
        ] {
            check(wishes, expected);
        }
    }

    proptest::proptest! {
        /// HT-20: whatever is sent, the answer is a coding that was not refused, and none only when all were.
        #[test]
        fn no_coding_is_sent_that_was_refused(wishes in proptest::collection::vec((0..7_usize, 0..1001_u16), 0..6), noise in "[ ;,=qQ0-9a-z*\"\t]{0,12}") {
            const NAMES: [&str; 7] = ["br", "zstd", "gzip", "x-gzip", "identity", "*", "deflate"];
            let line: Vec<_> = wishes.iter().map(|(name, q)| format!("{};q={}.{:03}", NAMES[*name], q / 1000, q % 1000)).collect();
            let headers: HeaderMap =
                [(header::ACCEPT_ENCODING, http::HeaderValue::try_from(line.join(", ")).unwrap())].into_iter().collect();
            let weight = |names: &[&str]| wishes.iter().find(|(name, _)| names.contains(&NAMES[*name])).map(|(_, q)| *q);
            let any = weight(&["*"]);
            let weights = [
                (Coding::Brotli, weight(&["br"]).or(any).unwrap_or(0)),
                (Coding::Zstd, weight(&["zstd"]).or(any).unwrap_or(0)),
                (Coding::Gzip, weight(&["gzip", "x-gzip"]).or(any).unwrap_or(0)),
                (Coding::Identity, weight(&["identity"]).or(any).unwrap_or(1)),
            ];
            match negotiate(&headers) {
                Some(chosen) => {
                    let weight_of = |coding| weights.iter().find(|(c, _)| *c == coding).unwrap().1;
                    proptest::prop_assert!(weight_of(chosen) > 0, "{chosen:?} for {line:?}");
                    proptest::prop_assert!(weights[..3].iter().all(|(_, q)| *q <= weight_of(chosen)) || chosen != Coding::Identity);
                }
                None => proptest::prop_assert!(weights.iter().all(|(_, q)| *q == 0), "{line:?}"),
            }
            let noisy = http::HeaderValue::try_from(format!("{noise},{}", line.join(",")));
            if let Ok(noisy) = noisy {
                negotiate(&[(header::ACCEPT_ENCODING, noisy)].into_iter().collect());
            }
        }
    }
}
