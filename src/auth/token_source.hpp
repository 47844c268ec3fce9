#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <base/logger.hpp>
#include <base/secret.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <kusto/credential.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kusto::auth
{

/// What a token is wanted for.
class token_wish
{
public:
    token_wish(std::string scope, std::string login_endpoint, std::string client_app_id)
        : scope(std::move(scope)),
          login_endpoint(std::move(login_endpoint)),
          client_app_id(std::move(client_app_id))
    {
    }

    std::string scope;          ///< `https://kusto.kusto.windows.net/.default`
    std::string login_endpoint; ///< checked: may receive secrets
    std::string client_app_id;  ///< public application for people who sign in
    std::string claims;         ///< JSON of a claims challenge; mostly empty
};

/// One point in time, by the clock that runs evenly and by the one that people see.
class moment
{
public:
    static moment of(async::clock const& time) { return {time.now(), time.utc_now()}; }

    async::clock::time_point at;
    async::clock::utc_time_point utc;
};

/// A token as its issuer gave it.
class issued_token
{
public:
    issued_token(std::string value, std::chrono::steady_clock::duration lifetime,
                 std::optional<std::chrono::steady_clock::duration> refresh_in)
        : value(std::move(value)),
          lifetime(lifetime),
          refresh_in(refresh_in)
    {
    }

    base::secret value;
    std::chrono::steady_clock::duration lifetime; ///< from when it was asked for
    /// When the request began that brought it; nothing: when the acquisition did. An acquisition
    /// may begin with a person who takes a quarter of an hour.
    std::optional<moment> asked;
    std::optional<std::chrono::steady_clock::duration> refresh_in;
    /// False: there is no other one to be had. It is used until the service refuses it, whatever its
    /// lifetime.
    bool renewable = true;
    base::secret renewal; ///< refresh token; mostly empty, and of interest to the source alone
};

/// Obtains tokens in one way. Lives on one strand; one acquisition at a time.
class token_source
{
public:
    token_source() = default;
    token_source(token_source const&) = delete;
    token_source& operator=(token_source const&) = delete;
    virtual ~token_source() = default;

    /// How long one acquisition may take. Who waits has limits of its own.
    [[nodiscard]] virtual std::chrono::seconds longest() const noexcept
    {
        return std::chrono::seconds(100);
    }

    /// Errors: `errc::credential_unavailable` when this way does not exist here, so that a chain
    /// may go on; `errc::authentication_failed`; those of the network. The message names the
    /// credential.
    /// Cancellation: terminal.
    [[nodiscard]] virtual boost::asio::awaitable<result<issued_token>> acquire(token_wish wish,
                                                                               deadline until) = 0;
};

/// What sources are made with. A cheap value.
class source_context
{
public:
    source_context(std::shared_ptr<async::transport> transport, connection_options const& options,
                   async::clock& time)
        : transport(std::move(transport)),
          retry(options.retry()),
          request_timeout(options.request_timeout()),
          time(&time),
          log(options.least_log_level(), options.log_to())
    {
    }

    std::shared_ptr<async::transport> transport;
    retry_options retry;
    std::chrono::milliseconds request_timeout;
    async::clock* time; ///< outlives the sources
    base::logger log;
    /// The source is one of several that are tried in turn: what may not be there is asked with
    /// short limits first.
    bool probing = false;
};

} // namespace kusto::auth
