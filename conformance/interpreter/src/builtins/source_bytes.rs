//! The bytes of a source: the compiler decodes the encodings it knows, the codecs of the program all others.

use crate::error::{PyResult, raise};
use crate::module::codecs::registry;
use crate::object::exception::{self, class, syntax};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, protocol};
use crate::parse::{self, Origin};
use crate::prelude::*;
use kit_core::thread::Ctx;

/// The text of a source; SyntaxError when it cannot be decoded.
pub fn decode(ctx: &mut Ctx, source: &[u8], filename: &str, origin: Origin) -> PyResult<String> {
    let Some(encoding) = parse::foreign_encoding(source) else {
        return parse::decode_source(source, filename, origin)
            .map_err(|error| syntax::raise_syntax_error(ctx, &error));
    };
    if source.contains(&0) {
        return Err(null_bytes(ctx));
    }
    let decoded = match by_codec(ctx, source, &encoding) {
        Ok(decoded) => decoded,
        Err(raised)
            if exception::matches(ctx, &raised, class::LookupError)
                || exception::matches(ctx, &raised, class::UnicodeError) =>
        {
            let raised = exception::take(ctx, raised);
            let message = protocol::str_string(ctx, &raised)?;
            let error = match exception::is_instance(ctx, &raised, class::LookupError)
                && message.starts_with("unknown encoding")
            {
                true => parse::unknown_encoding(&encoding, filename),
                false => parse::codec_failed(message, filename),
            };
            return Err(syntax::raise_syntax_error(ctx, &error));
        }
        Err(raised) => return Err(raised),
    };
    let Some(text) = decoded.downcast::<PyStr>() else {
        let given = protocol::type_name(ctx, &decoded);
        return Err(raise!(
            ctx,
            TypeError,
            "decoder should return a string result, not '{given}'"
        ));
    };
    match text.to_str() {
        Some(text) if text.contains('\0') => Err(null_bytes(ctx)),
        Some(text) => Ok(text.to_owned()),
        None => {
            let message = "(unicode error) 'utf-8' codec can't encode: surrogates not allowed";
            let error = parse::codec_failed(message.to_owned(), filename);
            Err(syntax::raise_syntax_error(ctx, &error))
        }
    }
}

fn by_codec(ctx: &mut Ctx, source: &[u8], encoding: &str) -> PyResult<Obj> {
    let codec = registry::lookup_text(ctx, encoding, "codecs.decode()")?;
    let source = bytes::new(ctx, source)?;
    registry::convert(ctx, &codec, 1, &source, None)
}

/// The error for a source with a null byte.
pub fn null_bytes(ctx: &mut Ctx) -> crate::error::Raised {
    raise!(
        ctx,
        SyntaxError,
        "source code string cannot contain null bytes"
    )
}
