#include <kusto/sink.hpp>

#include <sink/sink_state.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace kusto
{

batching_sink::batching_sink(std::shared_ptr<detail::sink_state> state)
    : record_port(std::move(state), detail::any_writer)
{
}

batching_sink::batching_sink(batching_sink&&) noexcept = default;

batching_sink& batching_sink::operator=(batching_sink&& other) noexcept
{
    if (this != &other)
    {
        if (state())
            state()->detach();
        move_state_from(other);
    }
    return *this;
}

batching_sink::~batching_sink()
{
    if (state())
        state()->detach();
}

boost::asio::awaitable<delivery_report> sink_writer::acknowledged(acknowledgement level,
                                                                  deadline until)
{
    return detail::acknowledged(state(), writer_index(), level, until);
}

std::size_t batching_sink::parallelism() const noexcept
{
    return state()->writers();
}

sink_writer batching_sink::writer(std::size_t index)
{
    if (index >= state()->writers())
        throw std::out_of_range("writer " + std::to_string(index) + " of a sink with parallelism " +
                                std::to_string(state()->writers()));
    return sink_writer(state(), index);
}

boost::asio::awaitable<delivery_report> batching_sink::flush(acknowledgement level, deadline until)
{
    return detail::flush(state(), level, until);
}

boost::asio::awaitable<delivery_report> batching_sink::flush(deadline until)
{
    return detail::flush(state(), acknowledgement::queued, until);
}

boost::asio::awaitable<delivery_report> batching_sink::close(deadline until)
{
    return detail::close(state(), until);
}

sink_statistics batching_sink::statistics() const
{
    return state()->statistics();
}

write_options const& batching_sink::options() const noexcept
{
    return state()->options();
}

} // namespace kusto
