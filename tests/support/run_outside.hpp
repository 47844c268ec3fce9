#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <support/run.hpp>
#include <utility>

namespace kusto::test
{

/// Runs the context until `done()`, in real time: for what waits for other processes. Throws
/// `std::logic_error` when that takes a minute.
inline void run_until(boost::asio::io_context& context, std::function<bool()> const& done)
{
    using clock = std::chrono::steady_clock;
    auto const end = clock::now() + std::chrono::minutes(1);
    context.restart();
    while (!done())
    {
        if (clock::now() > end)
            throw std::logic_error("nothing happened for a minute");
        context.run_one_for(std::chrono::milliseconds(5));
    }
}

/// Runs a coroutine that waits for other processes to its end. A `manual_clock` stands still.
template <class T>
T run_outside(boost::asio::io_context& context, boost::asio::awaitable<T> op)
{
    auto running = start(context.get_executor(), std::move(op));
    run_until(context, [&] { return running.done(); });
    return std::move(*running.get());
}

} // namespace kusto::test
