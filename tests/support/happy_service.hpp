#pragma once

#include <async/transport.hpp>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <support/happy_identity.hpp>
#include <support/happy_storage.hpp>
#include <support/manual_clock.hpp>
#include <support/mishap.hpp>
#include <vector>

namespace kusto::test
{

/// The whole service in memory behind a transport: cloud metadata, tokens (of the login
/// service and of hosts), management commands, queries and storage of two accounts. It answers every request of the protocol correctly, unless
/// it was told otherwise, checks strictly what it is sent, and repeats secrets in error replies, as
/// careless servers do. Each request takes two turns of its executor: one before it is executed,
/// one before its answer arrives.
///
/// Single-threaded. Outlives the coroutines that use it.
class happy_service final : public async::transport
{
public:
    /// \param time  decides when a deadline has passed; outlives this object
    explicit happy_service(manual_clock& time) : time_(time) {}

    static constexpr char const* cluster = "https://c.westeurope.kusto.windows.net";
    static constexpr char const* client_secret = happy_identity::client_secret;
    static constexpr std::size_t accounts = 2;

    /// Every text that must appear in no failure begins so.
    static constexpr char const* canary = happy_identity::canary;

    /// The request that arrives as number `request`, counted from 0 since construction, comes to
    /// grief; if `lasting`, so do all that follow.
    void plan(std::size_t request, mishap what, bool lasting = false);
    /// From now on everything goes well.
    void forgive() noexcept { planned_.reset(); }

    [[nodiscard]] boost::asio::awaitable<result<async::http_response>>
    send(async::http_request request, deadline until) override;
    void shutdown() noexcept override {}

    [[nodiscard]] happy_storage& storage() noexcept { return storage_; }
    [[nodiscard]] happy_identity& identity() noexcept { return identity_; }
    /// Number of requests that arrived.
    [[nodiscard]] std::size_t requests() const noexcept { return seen_.size(); }
    /// Requests without an answer yet.
    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
    /// What was asked, in order of arrival.
    [[nodiscard]] std::vector<request_kind> const& seen() const noexcept { return seen_; }
    /// What the planned mishap struck, the first time.
    [[nodiscard]] std::optional<request_kind> struck() const noexcept { return struck_; }
    /// How often commands that are not repeatable were executed.
    [[nodiscard]] std::size_t commands_executed() const noexcept { return commands_executed_; }
    /// What was wrong with the requests; empty if nothing was.
    [[nodiscard]] std::string const& complaints() const noexcept { return storage_.complaints(); }

private:
    struct plan_entry
    {
        std::size_t request;
        mishap what;
        bool lasting;
    };

    class flight;

    [[nodiscard]] std::optional<mishap> mishap_of(std::size_t request, request_kind what);
    [[nodiscard]] async::http_response execute(request_kind what,
                                               async::http_request const& request,
                                               std::string body);
    [[nodiscard]] async::http_response execute_storage(request_kind what,
                                                       async::http_request const& request,
                                                       std::string body);
    [[nodiscard]] async::http_response execute_command(request_kind what,
                                                       async::http_request const& request);
    [[nodiscard]] async::http_response refuse(mishap what, request_kind which,
                                              async::http_request const& request);
    [[nodiscard]] std::string repeated(request_kind which, async::http_request const& request) const;
    void check_request(request_kind what, async::http_request const& request);

    manual_clock& time_;
    happy_storage storage_;
    happy_identity identity_{storage_, time_};
    std::optional<plan_entry> planned_;
    std::vector<request_kind> seen_;
    std::optional<request_kind> struck_;
    std::set<std::string> request_ids_;
    std::size_t commands_executed_ = 0;
    std::size_t in_flight_ = 0;
};

} // namespace kusto::test
