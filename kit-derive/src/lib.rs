//! `#[derive(Managed)]`: makes a struct the body of an object, as `kit_std::managed` describes.
//!
//! It writes how the fields are visited, one constant per field through which a reference to the object reaches it
//! (`car: ValueSlot` becomes `CAR: Field<Self, ValueSlot>`), and the record of the type. The only `unsafe` it emits says what is
//! true by construction: each field is visited once, and each offset is the field's.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Path, Token, parse_macro_input};

/// Makes a struct with named fields, or without any, an object type.
///
/// `#[managed(...)]` takes, separated by commas:
///
/// - `name = "cons"`: what reports call it; the struct's name by default;
/// - `finalize`: instances are finalized, as the type's `Finalize` says;
/// - `methods(first = Self::first, ...)`: what `Ctx::call_method` finds by these names.
#[proc_macro_derive(Managed, attributes(managed))]
pub fn managed(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

#[derive(Default)]
struct Wishes {
    name: Option<String>,
    finalize: bool,
    methods: Vec<(Ident, Path)>,
}

impl Wishes {
    fn of(input: &DeriveInput) -> syn::Result<Wishes> {
        let mut wishes = Wishes::default();
        for attribute in &input.attrs {
            if !attribute.path().is_ident("managed") {
                continue;
            }
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    wishes.name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("finalize") {
                    wishes.finalize = true;
                } else if meta.path.is_ident("methods") {
                    meta.parse_nested_meta(|method| {
                        let name = method.path.require_ident()?.clone();
                        method.input.parse::<Token![=]>()?;
                        wishes.methods.push((name, method.input.parse()?));
                        Ok(())
                    })?;
                } else {
                    return Err(meta.error("`name`, `finalize` or `methods` is expected"));
                }
                Ok(())
            })?;
        }
        Ok(wishes)
    }
}

fn expand(input: &DeriveInput) -> syn::Result<Tokens> {
    let generics = &input.generics;
    if !generics.params.is_empty() {
        return Err(Error::new(
            generics.span(),
            "an object type has no parameters: references lie in slots, not in lifetimes, and each type has one record",
        ));
    }
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "an object type is a struct"));
    };
    let fields = match &data.fields {
        Fields::Named(fields) => fields.named.iter().collect::<Vec<_>>(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) => {
            return Err(Error::new(
                fields.span(),
                "the fields of an object type have names",
            ));
        }
    };
    let wishes = Wishes::of(input)?;
    let ident = &input.ident;
    let kit = quote!(::kit_std::managed);
    let name = wishes.name.unwrap_or_else(|| ident.to_string());
    let finalize = match wishes.finalize {
        true => quote!(#kit::TypeInfo::finalizer::<#ident>()),
        false => quote!(#kit::TypeInfo::no_finalizer()),
    };
    let methods = wishes.methods.into_iter().map(|(name, mut path)| {
        let name = name.to_string();
        // The record is outside of the type's own code.
        if let Some(first) = path.segments.first_mut()
            && first.ident == "Self"
        {
            first.ident = ident.clone();
        }
        quote!(#kit::Method::new(#name, |ctx, this, arguments| #kit::Method::dispatch::<#ident>(ctx, this, arguments, #path)))
    });
    let idents = fields.iter().map(|field| field.ident.as_ref());
    let visits = fields.iter().zip(idents.clone()).map(|(field, ident)| {
        let ty = &field.ty;
        quote_spanned!(ty.span()=> <#ty as #kit::Member>::visit(&self.#ident, visitor);)
    });
    let refers = fields.iter().map(|field| {
        let ty = &field.ty;
        quote_spanned!(ty.span()=> || <#ty as #kit::Member>::REFERS)
    });
    let constants = fields.iter().zip(idents).filter_map(|(field, name)| {
        let (visibility, ty, name) = (&field.vis, &field.ty, name?);
        let text = name.to_string();
        let constant = format_ident!(
            "{}",
            text.trim_start_matches("r#").to_uppercase(),
            span = name.span()
        );
        let says = format!("The field `{text}`.");
        Some(quote! {
            #[doc = #says]
            // A type need not use each of its fields through its constant.
            #[allow(dead_code)]
            #visibility const #constant: #kit::Field<#ident, #ty> =
                // SAFETY: the field is there, and of this type.
                unsafe { #kit::Field::new(::core::mem::offset_of!(#ident, #name)) };
        })
    });
    Ok(quote! {
        const _: () = {
            static INFO: #kit::TypeInfo = #kit::TypeInfo::new::<#ident>(#name, #finalize, &[#(#methods),*]);

            // SAFETY: `visit` visits each field once, and the record is this type's alone.
            unsafe impl #kit::Managed for #ident {
                const REFERS: bool = false #(#refers)*;

                fn info() -> &'static #kit::TypeInfo {
                    &INFO
                }

                fn visit(&self, visitor: &mut #kit::Visitor<'_>) {
                    let _ = &visitor;
                    #(#visits)*
                }
            }
        };

        impl #ident {
            #(#constants)*
        }
    })
}
