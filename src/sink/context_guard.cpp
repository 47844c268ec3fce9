#include <sink/context_guard.hpp>

#include <algorithm>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <sink/sink_state.hpp>
#include <utility>

namespace kusto::sink
{

namespace asio = boost::asio;

asio::execution_context::id context_guard::id;

context_guard::context_guard(asio::execution_context& context)
    : asio::execution_context::service(context)
{
}

void context_guard::watch(asio::any_io_executor const& executor,
                          std::shared_ptr<detail::sink_state> const& state)
{
    asio::execution_context& context = asio::query(executor, asio::execution::context);
    asio::use_service<context_guard>(context).add(state);
}

void context_guard::add(std::weak_ptr<detail::sink_state> state)
{
    std::lock_guard const lock(mutex_);
    sinks_.erase(
        std::remove_if(sinks_.begin(), sinks_.end(), [](auto const& one) { return one.expired(); }),
        sinks_.end());
    sinks_.push_back(std::move(state));
}

void context_guard::shutdown()
{
    std::vector<std::weak_ptr<detail::sink_state>> sinks;
    {
        std::lock_guard const lock(mutex_);
        sinks.swap(sinks_);
    }
    for (auto const& one : sinks)
        if (auto const state = one.lock())
            state->detach();
}

} // namespace kusto::sink
