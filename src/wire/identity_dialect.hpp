#pragma once

#include <kusto/credential.hpp>
#include <string_view>
#include <wire/managed_identity.hpp>

/// \file
/// For managed_identity.cpp only.

namespace kusto::wire
{

/// What differs between the hosts.
struct identity_dialect
{
    identity_host host;
    std::string_view name;
    std::string_view version; ///< `api-version`; empty: none is sent
    std::string_view client;  ///< parameter for a client id; empty: cannot be selected by it
    std::string_view object;
    std::string_view resource;
    std::string_view remedy; ///< for what cannot be selected
};

[[nodiscard]] identity_dialect const& dialect_of(identity_host host) noexcept;

/// The parameter that selects an identity in this way; empty if there is none.
[[nodiscard]] std::string_view selector_of(identity_dialect const& speech,
                                           identity_id::kind kind) noexcept;

} // namespace kusto::wire
