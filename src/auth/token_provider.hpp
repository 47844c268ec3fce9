#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <base/secret.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <string>

namespace kusto::auth
{

/// A token and which acquisition it came from.
class bearer_token
{
public:
    bearer_token(base::secret value, std::uint64_t generation)
        : value(std::move(value)),
          generation(generation)
    {
    }

    base::secret value; ///< empty: send no `Authorization`
    std::uint64_t generation;
};

/// Gives out tokens for one cluster.
///
/// \par Thread safety
/// Shared objects: safe.
class token_provider
{
public:
    token_provider() = default;
    token_provider(token_provider const&) = delete;
    token_provider& operator=(token_provider const&) = delete;
    virtual ~token_provider() = default;

    /// A token that stays valid for half a minute (less for tokens that live for minutes only).
    /// Ready at once, without a change of executor, while the cached one is; due renewals run in
    /// the background. May be called from any strand and completes on it.
    ///
    /// Errors: `errc::untrusted_endpoint`, `errc::authentication_failed`, `errc::timed_out`; those
    /// of the network. A failure is remembered for a moment and reported to everybody who asks. One
    /// whose time is over while a token is being obtained is told what `awaited` says.
    /// Cancellation: terminal; cancels the wait, not the shared request.
    [[nodiscard]] virtual boost::asio::awaitable<result<bearer_token>> get(deadline until) = 0;

    /// Says that the service refused the token of `generation` (401). The next `get` obtains
    /// another one. Only calls for the newest generation have an effect.
    /// \param claims  JSON that the service demands the next token to be requested with; or empty
    virtual void invalidate(std::uint64_t generation, std::string claims = {}) noexcept = 0;

    /// Words for a failure about the token that everybody waits for at this moment: which
    /// credential is to give it, and the host that was asked last. Empty if nobody has to wait for
    /// one.
    [[nodiscard]] virtual std::string awaited() const = 0;

    /// Ends the renewal in the background. Waiting and later callers get `errc::closed`. May be
    /// called repeatedly.
    virtual void stop() noexcept = 0;
};

/// \param who  already validated
/// \param clock  must outlive the provider and what it spawned
[[nodiscard]] std::shared_ptr<token_provider>
make_token_provider(boost::asio::any_io_executor executor,
                    std::shared_ptr<async::transport> transport, connection_options const& who,
                    async::clock& clock);

} // namespace kusto::auth
