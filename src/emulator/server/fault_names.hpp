#pragma once

#include <array>
#include <cstddef>
#include <kusto/emulator/faults.hpp>
#include <string_view>

namespace kusto::emulator
{

/// What a fault script can set beside the members that every rule has.
enum class fault_shape : std::uint8_t
{
    plain,    ///< nothing
    refusal,  ///< code, service code, Retry-After, permanent
    timed,    ///< a time
    rate,     ///< bytes per second
    drip,     ///< bytes and interval
    ingestion ///< kind, error code, recovery time
};

/// What a rule counts.
enum class fault_domain : std::uint8_t
{
    requests,
    connections,
    messages
};

/// One action: its JSON name and what goes with it.
struct fault_traits
{
    std::string_view name;
    fault_shape shape;
    fault_domain domain;
};

[[nodiscard]] fault_traits const& traits_of(fault_action action) noexcept;

constexpr std::size_t fault_action_count = static_cast<std::size_t>(fault_action::status_lost) + 1;

/// JSON names in the order of the enumerations.
constexpr std::array<std::string_view, 16> fault_route_names{
    "any",         "metadata",      "token",       "resources",       "identity",       "version",
    "command",     "query",         "put_blob",    "put_block",       "put_block_list", "get_blob",
    "put_message", "insert_status", "read_status", "managed_identity"};
constexpr std::array<std::string_view, 4> ingestion_failure_names{"permanent", "transient",
                                                                  "exhausted", "partial"};
constexpr std::array<std::string_view, 4> retry_after_names{"seconds", "http_date", "milliseconds",
                                                            "x_ms"};

} // namespace kusto::emulator
