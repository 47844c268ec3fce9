#pragma once

#include <cstdint>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

/// \file
/// For the sources of this folder only. Passwords are turned into keys as often as the file says; a
/// damaged one could keep us busy for hours.

namespace kusto::crypto
{

/// Some seconds. Tools ask for 2048 to 1 300 000.
constexpr std::int64_t most_iterations = 4'000'000;

/// How often a hash is taken for the key of an encryption; `most_iterations + 1` for anything
/// above.
[[nodiscard]] std::int64_t iterations_of(X509_ALGOR const* how);

/// Of all encryptions that are visible without the password, and of the MAC.
[[nodiscard]] std::int64_t iterations_of(PKCS12 const* file);

} // namespace kusto::crypto
