#pragma once

#include <optional>
#include <string_view>

namespace kusto::net
{

/// Why a server's certificate was refused.
enum class tls_fault
{
    not_yet_valid,
    expired,
    wrong_name,
    unknown_issuer,
    other, ///< revoked, of another purpose, too weak, not the one that is expected
};

/// What one of OpenSSL's `X509_V_` codes means; nothing for `X509_V_OK`.
[[nodiscard]] std::optional<tls_fault> fault_of(long verdict) noexcept;

/// What to do about it. Failures say it, and are recognised by it.
[[nodiscard]] std::string_view advice_on(tls_fault what) noexcept;

} // namespace kusto::net
