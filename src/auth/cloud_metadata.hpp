#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <base/logger.hpp>
#include <boost/asio/awaitable.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <optional>
#include <wire/client_identity.hpp>
#include <wire/metadata.hpp>

namespace kusto::auth
{

/// Asks one cluster for its cloud, once; failures are not remembered.
///
/// Lives on one strand and is asked by one coroutine at a time: the token cache's single flight.
class metadata_source
{
public:
    /// \param cluster  engine or ingestion service; checked already
    /// \param time  outlives this object
    metadata_source(std::shared_ptr<async::transport> transport, base::url cluster,
                    connection_options const& options, async::clock& time);
    metadata_source(metadata_source const&) = delete;
    metadata_source& operator=(metadata_source const&) = delete;

    /// The cluster's cloud; a local one is asked like any other. Errors: those of the network,
    /// `errc::malformed_reply`,
    /// `errc::throttled`, `errc::service_unavailable`, `errc::request_rejected`.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<wire::cloud_metadata>> get(deadline until);

private:
    [[nodiscard]] boost::asio::awaitable<result<wire::cloud_metadata>> ask_once(deadline until);

    std::shared_ptr<async::transport> transport_;
    base::url cluster_;
    retry_options retry_;
    std::chrono::milliseconds timeout_;
    async::clock& time_;
    base::logger log_;
    std::optional<wire::cloud_metadata> known_;
};

} // namespace kusto::auth
