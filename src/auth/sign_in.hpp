#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <auth/cloud_metadata.hpp>
#include <boost/asio/awaitable.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <wire/endpoints.hpp>

namespace kusto::auth
{

/// Where a token comes from and what it is for.
class sign_in_target
{
public:
    sign_in_target(std::string login_endpoint, std::string scope)
        : login_endpoint(std::move(login_endpoint)),
          scope(std::move(scope))
    {
    }

    std::string login_endpoint;
    std::string scope;
};

/// Finds out where to sign in for a cluster, and refuses hosts that must not get a token: before
/// they are contacted at all, and again when their cloud is known.
///
/// Lives on one strand and is asked by one coroutine at a time.
class sign_in
{
public:
    /// \param time  outlives this object
    sign_in(std::shared_ptr<async::transport> transport, connection_options const& options,
            async::clock& time);

    /// Errors: `errc::untrusted_endpoint`, and those of `metadata_source::get`.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<sign_in_target>> find(deadline until);

private:
    [[nodiscard]] result<void> check_hosts() const;
    [[nodiscard]] result<std::string> choose_login(wire::cloud_metadata const& cloud) const;

    wire::trust_rules trust_;
    std::string authority_;
    std::optional<failure> bad_url_;
    std::vector<base::url> hosts_;
    std::unique_ptr<metadata_source> metadata_;
};

} // namespace kusto::auth
