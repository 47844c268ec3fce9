#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <auth/sign_in.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <kusto/credential.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kusto::auth
{

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

    std::string value; ///< secret
    std::chrono::steady_clock::duration lifetime;
    std::optional<std::chrono::steady_clock::duration> refresh_in;
};

/// Obtains tokens. Lives on one strand; one acquisition at a time.
class token_source
{
public:
    token_source() = default;
    token_source(token_source const&) = delete;
    token_source& operator=(token_source const&) = delete;
    virtual ~token_source() = default;

    /// Cancellation: terminal.
    [[nodiscard]] virtual boost::asio::awaitable<result<issued_token>> acquire(deadline until) = 0;
};

/// \param time  outlives the source
[[nodiscard]] std::unique_ptr<token_source>
make_client_secret_source(std::shared_ptr<async::transport> transport,
                          connection_options const& options, async::clock& time);

/// \param time  outlives the source
[[nodiscard]] std::unique_ptr<token_source>
make_callback_source(std::shared_ptr<async::transport> transport, connection_options const& options,
                     async::clock& time);

} // namespace kusto::auth
