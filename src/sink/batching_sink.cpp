#include <kusto/sink.hpp>

#include <sink/sink_state.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace kusto
{

batching_sink::batching_sink(std::shared_ptr<detail::sink_state> state) : state_(std::move(state))
{
}

batching_sink::batching_sink(batching_sink&&) noexcept = default;

batching_sink& batching_sink::operator=(batching_sink&& other) noexcept
{
    if (this != &other)
    {
        if (state_)
            state_->detach();
        state_ = std::move(other.state_);
    }
    return *this;
}

batching_sink::~batching_sink()
{
    if (state_)
        state_->detach();
}

boost::asio::awaitable<delivery_report> sink_writer::acknowledged(acknowledgement level,
                                                                  deadline until)
{
    return detail::acknowledged(state_, index_, level, until);
}

std::size_t batching_sink::parallelism() const noexcept
{
    return state_->writers();
}

sink_writer batching_sink::writer(std::size_t index)
{
    if (index >= state_->writers())
        throw std::out_of_range("writer " + std::to_string(index) + " of a sink with parallelism " +
                                std::to_string(state_->writers()));
    return sink_writer(state_, index);
}

boost::asio::awaitable<delivery_report> batching_sink::flush(acknowledgement level, deadline until)
{
    return detail::flush(state_, level, until);
}

boost::asio::awaitable<delivery_report> batching_sink::flush(deadline until)
{
    return detail::flush(state_, acknowledgement::queued, until);
}

boost::asio::awaitable<delivery_report> batching_sink::close(deadline until)
{
    return detail::close(state_, until);
}

sink_statistics batching_sink::statistics() const
{
    return state_->statistics();
}

write_options const& batching_sink::options() const noexcept
{
    return state_->options();
}

} // namespace kusto
