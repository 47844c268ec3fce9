#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

namespace kusto::cli
{

/// A context that the caller runs until one operation is complete. A look-up of the system's
/// resolver cannot be interrupted, and a context waits for it at its end: one that is still under
/// way is left to the end of the process.
class foreground
{
public:
    foreground() = default;
    foreground(foreground const&) = delete;
    foreground& operator=(foreground const&) = delete;
    ~foreground()
    {
        if (!comes_to_an_end())
            abandoned = context_.release();
    }

    [[nodiscard]] boost::asio::io_context::executor_type executor() const
    {
        return context_->get_executor();
    }

    /// What `op` returns. Throws what it throws, or another handler. \throws std::logic_error  if
    /// the context was stopped before
    template <class T>
    T wait_for(boost::asio::awaitable<T> op)
    {
        auto made = boost::asio::co_spawn(*context_, std::move(op), boost::asio::use_future);
        while (made.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        {
            if (context_->run_one() == 0)
                throw std::logic_error("stopped before the operation was complete");
        }
        return made.get();
    }

private:
    /// Not if something throws once more.
    bool comes_to_an_end() noexcept
    try
    {
        constexpr auto grace = std::chrono::milliseconds(100);
        context_->run_for(grace);
        return context_->stopped();
    }
    catch (...)
    {
        return false;
    }

    /// Reachable, so that nobody takes it for a leak.
    static inline boost::asio::io_context* abandoned = nullptr;

    std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>();
};

} // namespace kusto::cli
