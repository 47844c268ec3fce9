#pragma once

#include <chrono>
#include <emulator/server/http_message.hpp>
#include <kusto/emulator/faults.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::emulator
{

enum class port_role : std::uint8_t
{
    engine,
    ingestion,
    storage,
    managed_identity
};

/// What a request is, as far as rules are concerned.
struct fault_subject
{
    fault_route route = fault_route::any; ///< `any`: none of the others
    std::string account;                  ///< of a storage request
    std::string text;                     ///< of a command or query
};

/// Whether the route shows only in the body: management commands have one path.
[[nodiscard]] bool route_is_in_body(port_role port, request const& head);
/// Whether the text of a query is in the body.
[[nodiscard]] bool text_is_in_body(port_role port, request const& head);
[[nodiscard]] fault_subject classify(port_role port, request const& http);
/// Whether requests of that route come to this port.
[[nodiscard]] bool serves(port_role port, fault_route route) noexcept;

/// What happens to one request. Indices are those of rules.
struct request_verdict
{
    std::chrono::milliseconds hold{0};
    std::vector<std::size_t> rates;
    std::optional<std::size_t> drip;
    bool expire_sas = false;
    bool revoke_tokens = false;
    bool expire_identity = false;
    std::optional<std::size_t> ending; ///< the action that decides how the request ends
};

/// What happens to one queue message.
struct message_verdict
{
    std::chrono::milliseconds hold{0};
    std::optional<std::chrono::milliseconds> again;
    std::optional<std::size_t> failure;
    std::chrono::milliseconds status_delay{0};
    bool status_lost = false;
};

/// A fault script at work: counts matches and decides which rules apply. No clock, no I/O:
/// `elapsed` is the time since the script was installed.
///
/// \par Thread safety
/// None.
class fault_plan
{
public:
    using milliseconds = std::chrono::milliseconds;

    /// \throws fault_script_error
    explicit fault_plan(fault_script script);

    [[nodiscard]] request_verdict decide_request(fault_subject const& subject,
                                                 milliseconds elapsed);
    /// Whether a new connection stays without an answer.
    [[nodiscard]] bool decide_connection(port_role port, milliseconds elapsed);
    /// \param account  of the blob that the message is about
    [[nodiscard]] message_verdict decide_message(std::string const& account, milliseconds elapsed);

    [[nodiscard]] fault const& rule(std::size_t index) const { return script_.rules()[index]; }
    [[nodiscard]] std::vector<fault> const& rules() const noexcept { return script_.rules(); }
    [[nodiscard]] std::vector<fault_count> const& counts() const noexcept { return counts_; }

private:
    /// Counts a match of the rule if it is one in time. \returns whether it is taken
    bool takes(std::size_t index, milliseconds elapsed);

    fault_script script_;
    std::vector<fault_count> counts_;
};

} // namespace kusto::emulator
