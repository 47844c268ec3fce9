#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace kusto::detail
{
class sink_state;
} // namespace kusto::detail

namespace kusto::sink
{

/// Detaches the sinks of an execution context when the context is destroyed with them still alive,
/// for example inside of a coroutine's frame: before it destroys anything, while it can still be
/// posted to.
class context_guard final : public boost::asio::execution_context::service
{
public:
    static boost::asio::execution_context::id id;

    explicit context_guard(boost::asio::execution_context& context);

    /// To be called when the sink has made its strands and timers: a context shuts down first what
    /// it got last.
    static void watch(boost::asio::any_io_executor const& executor,
                      std::shared_ptr<detail::sink_state> const& state);

private:
    void shutdown() override;
    void add(std::weak_ptr<detail::sink_state> state);

    std::mutex mutex_;
    std::vector<std::weak_ptr<detail::sink_state>> sinks_;
};

} // namespace kusto::sink
