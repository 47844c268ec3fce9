#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <auth/cloud_metadata.hpp>
#include <auth/token_source.hpp>
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

/// Finds out where to sign in for a cluster, and refuses hosts that must not get a token: before
/// they are contacted at all, and again when their cloud is known.
///
/// Lives on one strand and is asked by one coroutine at a time.
class sign_in
{
public:
    /// Login endpoint: the option, else `AadAuthorityUri`, else the cluster's metadata, else
    /// `AZURE_AUTHORITY_HOST`, else the public cloud's.
    /// \param time  outlives this object
    sign_in(std::shared_ptr<async::transport> transport, connection_options const& options,
            async::clock& time);

    /// Errors: `errc::untrusted_endpoint`; `errc::invalid_option` when the user's authority is no
    /// URL; those of `metadata_source::get`.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<token_wish>> find(deadline until);

private:
    [[nodiscard]] result<void> check_hosts() const;
    [[nodiscard]] std::string login_for(wire::cloud_metadata const& cloud) const;
    /// An authority of the user's is no URL. \param why  that it is none
    [[nodiscard]] failure bad_authority(failure const& why) const;
    [[nodiscard]] result<std::string> choose_login(wire::cloud_metadata const& cloud) const;

    wire::trust_rules trust_;
    char const* authority_by_ = "connection_options::authority_host";
    std::string authority_;       // the user's
    std::string usual_authority_; // when the cluster names none
    std::optional<failure> bad_url_;
    std::vector<base::url> hosts_;
    std::unique_ptr<metadata_source> metadata_;
};

} // namespace kusto::auth
