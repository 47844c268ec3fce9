#pragma once

#include <boost/asio/awaitable.hpp>
#include <core/route_planner.hpp>
#include <cstddef>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <string>
#include <vector>
#include <wire/storage.hpp>

namespace kusto::service
{

/// Where one upload or post goes: drives a `core::route_planner` over the resources of the service.
///
/// Lives in one coroutine; `context` and `resources` outlive it.
class route
{
public:
    enum class kind
    {
        containers,
        queues,
    };

    enum class advice
    {
        again,   ///< `here` is the next place, and its time has come
        give_up, ///< the failure is final
    };

    route(service_context const& context, resource_manager& resources, kind what,
          retry_options const& retry, deadline until);

    /// Before the first attempt: gets the resources, and waits if every account asked to be left
    /// alone. Errors: those of `resource_manager::get`; `errc::throttled`. Outcome: failed.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<void>> begin();

    /// \pre `begin` succeeded
    [[nodiscard]] wire::storage_resource const& here() const;
    /// What `here` is taken from.
    [[nodiscard]] resource_snapshot const& snapshot() const { return *snapshot_; }
    /// Attempts, the current one included.
    [[nodiscard]] int attempts() const noexcept { return planner_.attempts() + 1; }

    /// The attempt at `here` succeeded.
    void succeeded();

    /// The attempt at `here` failed, which counts against the account if it is to blame.
    void note(wire::storage_failure const& failed);

    /// After `note`: waits and moves on as the failure asks.
    /// Errors: `errc::closed`, outcome failed whatever was lost before. Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<advice>> move_on(wire::storage_failure failed);

private:
    [[nodiscard]] std::vector<wire::storage_resource> const& list() const;
    [[nodiscard]] std::vector<core::stop> use(snapshot_ptr fresh);
    [[nodiscard]] boost::asio::awaitable<void> wait_until(core::route_decision::time_point when);
    [[nodiscard]] failure all_resting() const;
    void report(wire::storage_failure const& failed, core::route_decision const& next) const;

    service_context const& context_;
    resource_manager& resources_;
    kind what_;
    core::route_planner planner_;
    deadline until_;
    snapshot_ptr snapshot_;
    std::vector<std::size_t> order_; ///< of the snapshot's list
};

} // namespace kusto::service
