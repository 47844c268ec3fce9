#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <kusto/deadline.hpp>
#include <memory>

namespace kusto::net
{

/// Ends a step that takes too long: runs an action, usually closing a socket, at a deadline.
///
/// Beast's stream timers are not used because their handlers refer to the connection, which may
/// have moved to another strand by the time a late handler runs. A watchdog belongs to one request
/// on one strand; a late handler finds it disarmed.
///
/// \par Thread safety
/// All members are called on the strand given to the constructor.
class watchdog
{
public:
    explicit watchdog(boost::asio::any_io_executor strand);
    watchdog(watchdog const&) = delete;
    watchdog& operator=(watchdog const&) = delete;
    ~watchdog();

    /// Replaces what was armed before. `action` must not throw.
    void arm(deadline until, std::function<void()> action);
    void disarm() noexcept;

    /// Whether the action armed last was run.
    [[nodiscard]] bool expired() const noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace kusto::net
