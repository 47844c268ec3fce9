#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

extern "C"
{
    struct evp_pkey_st;
    struct x509_st;
}

/// \file
/// Keys and certificates made while a test runs, and an independent look at signatures. LINK
/// kusto_test_certificates.

namespace kusto::test
{

using test_key = std::shared_ptr<evp_pkey_st>;
using test_certificate = std::shared_ptr<x509_st>;
using utc = std::chrono::system_clock::time_point;

[[nodiscard]] test_key make_rsa_key(int bits = 2048);
[[nodiscard]] test_key make_ec_key();
/// One of two 2048-bit keys that a process makes once; making them takes long.
[[nodiscard]] test_key const& usual_key(int which = 0);

/// An RSA key with the same public part whose signatures are wrong.
[[nodiscard]] test_key broken_copy(test_key const& key);

/// What a certificate is made of. Signed by itself unless there is an issuer.
struct certificate_plan
{
    std::string subject = "client";
    test_key key = usual_key();
    std::string issuer = "client";
    test_key issuer_key = usual_key();
    utc not_before =
        std::chrono::sys_days(std::chrono::year(2020) / 1 / 1); ///< also `manual_clock`
    utc not_after = std::chrono::system_clock::now() + std::chrono::hours(24 * 365);
    std::string not_before_text = {};
    std::string not_after_text = {}; ///< ASN.1, for times that no clock here can hold
};

[[nodiscard]] test_certificate make_certificate(certificate_plan const& plan = {});

[[nodiscard]] std::string der(test_certificate const& certificate);
[[nodiscard]] std::string pem(test_certificate const& certificate);
/// `PRIVATE KEY`, or `ENCRYPTED PRIVATE KEY` with a password.
[[nodiscard]] std::string pem(test_key const& key, std::string const& password = {});
/// `RSA PRIVATE KEY`, with `DEK-Info` if there is a password.
[[nodiscard]] std::string pem_traditional(test_key const& key, std::string const& password = {});
/// Key and certificate in one text.
[[nodiscard]] std::string pem_identity(certificate_plan const& plan = {});

/// \param password  null: none at all, which is not the same as an empty one
/// \param cipher  an OpenSSL NID; 0: AES-256
[[nodiscard]] std::string pfx(test_key const& key, test_certificate const& leaf,
                              std::vector<test_certificate> const& others, char const* password,
                              int cipher = 0);
/// A file whose MAC, or whose first encrypted part, claims to need `iterations`. Not to be opened.
[[nodiscard]] std::string pfx_with_iterations(long iterations, bool in_mac);
/// The same as `ENCRYPTED PRIVATE KEY`.
[[nodiscard]] std::string pem_with_iterations(int iterations);
/// The same with scrypt.
[[nodiscard]] std::string pem_with_scrypt(std::uint64_t lanes);

/// RSASSA-PSS with a salt of exactly `salt` bytes, SHA-256.
[[nodiscard]] bool verifies_pss(test_key const& key, std::string_view text,
                                std::string_view signature, int salt);
/// RSASSA-PKCS1-v1_5 with SHA-256.
[[nodiscard]] bool verifies_pkcs1(test_key const& key, std::string_view text,
                                  std::string_view signature);
[[nodiscard]] std::string sha1(std::string_view bytes);
[[nodiscard]] std::string sha256(std::string_view bytes);

} // namespace kusto::test
