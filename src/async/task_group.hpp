#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>

namespace kusto::async
{

/// Coroutines that run by themselves, counted, so that one can wait until none is left.
///
/// A task counts until its frame is gone, also if that happens because its execution context is
/// destroyed. Thread-safe.
class task_group
{
public:
    task_group();

    /// Starts `task` on `executor`. An exception that leaves it is kept, see `first_error`.
    void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task);

    /// The same for a task that can be cancelled.
    ///
    /// A task that catches its cancellation has to call `reset_cancellation_state` before it
    /// returns, or Asio throws when it completes.
    /// \param slot  its signal is emitted on `executor` only, on which this is called too
    /// \param owner  of the signal: Asio's frame around the task uses it after the task's own
    /// frames
    void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task,
               boost::asio::cancellation_slot slot, std::shared_ptr<void> owner);

    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] std::exception_ptr first_error() const;

    /// Completes with true when no task runs, or with false at `until`.
    /// Cancellation: terminal, ends the wait.
    [[nodiscard]] boost::asio::awaitable<bool> join(std::chrono::steady_clock::time_point until);

private:
    class book;
    class entry;
    class finished;

    std::shared_ptr<book> book_;
};

} // namespace kusto::async
