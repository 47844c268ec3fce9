#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <auth/token_provider.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <service/ingest_channel.hpp>
#include <service/management_client.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <service/status_tracker.hpp>
#include <wire/endpoints.hpp>

namespace kusto::detail
{

/// Everything that the handles of one client share: transport, tokens, both endpoints, resources,
/// statuses.
///
/// \par Thread safety
/// Shared objects: safe.
class client_state
{
public:
    /// \param options  validated
    /// \param time  outlives the state and whatever it started
    /// Errors: `errc::invalid_url`
    [[nodiscard]] static result<std::shared_ptr<client_state>>
    make(boost::asio::any_io_executor executor, connection_options options,
         std::shared_ptr<async::transport> transport, async::clock& time = async::system_clock());

    client_state(connection_options options, wire::cluster_endpoints endpoints,
                 std::shared_ptr<service::service_context const> context,
                 std::shared_ptr<auth::token_provider> tokens);
    client_state(client_state const&) = delete;
    client_state& operator=(client_state const&) = delete;
    /// Stops. Never blocks.
    ~client_state();

    [[nodiscard]] connection_options const& options() const noexcept { return options_; }
    [[nodiscard]] boost::asio::any_io_executor const& executor() const noexcept
    {
        return context_->executor;
    }
    [[nodiscard]] std::shared_ptr<service::service_context const> const& context() const noexcept
    {
        return context_;
    }
    [[nodiscard]] service::management_client const& engine() const noexcept { return engine_; }
    [[nodiscard]] std::shared_ptr<service::resource_manager> const& resources() const noexcept
    {
        return resources_;
    }
    [[nodiscard]] std::shared_ptr<service::status_tracker> const& statuses() const noexcept
    {
        return statuses_;
    }
    [[nodiscard]] base::logger const& log() const noexcept { return context_->log; }

    /// Ends what runs in the background and closes idle connections; operations that wait for
    /// tokens, resources or statuses fail with `errc::closed`. May be called repeatedly.
    void stop() noexcept;

private:
    connection_options options_;
    std::shared_ptr<service::service_context const> context_;
    std::shared_ptr<auth::token_provider> tokens_;
    service::management_client engine_;
    std::shared_ptr<service::resource_manager> resources_;
    std::shared_ptr<service::status_tracker> statuses_;
};

} // namespace kusto::detail

namespace kusto::service
{

/// The way of batches into the table that `options` names. Keeps `client` alive.
/// \param options  validated
[[nodiscard]] std::shared_ptr<ingest_channel>
make_queued_channel(std::shared_ptr<detail::client_state> client, write_options const& options);

} // namespace kusto::service
