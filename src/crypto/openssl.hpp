#pragma once

#include <kusto/error.hpp>
#include <memory>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string>
#include <string_view>

/// \file
/// For the sources of this folder only.

namespace kusto::crypto
{

template <auto Free>
struct freed_by
{
    template <class T>
    void operator()(T* what) const noexcept
    {
        Free(what);
    }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using digest_context_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;

/// What is done while it lives leaves no entries in this thread's error queue: the TLS streams of
/// the same thread read it.
class error_mark
{
public:
    error_mark() noexcept { ERR_set_mark(); }
    error_mark(error_mark const&) = delete;
    error_mark& operator=(error_mark const&) = delete;
    ~error_mark() { ERR_pop_to_mark(); }
};

[[nodiscard]] inline failure bad_certificate(std::string message)
{
    return failure(errc::invalid_option, stage::token, std::move(message));
}

[[nodiscard]] inline unsigned char const* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

/// DER form by one of the `i2d` functions; empty if it fails. `Form` may be secret: the caller
/// wipes it, and there is no other copy.
template <class Form, class T>
[[nodiscard]] std::string der_of(Form encode, T* what)
{
    int const size = encode(what, nullptr);
    if (size <= 0)
        return {};
    std::string text(static_cast<std::size_t>(size), '\0');
    auto* to = reinterpret_cast<unsigned char*>(text.data());
    if (encode(what, &to) != size)
        text.clear();
    return text;
}

} // namespace kusto::crypto
