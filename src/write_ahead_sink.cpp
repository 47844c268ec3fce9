#include <kusto/write_ahead_sink.hpp>

#include <async/call_on.hpp>
#include <boost/asio/strand.hpp>
#include <commit/opening.hpp>
#include <commit/write_ahead_state.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kusto
{

namespace asio = boost::asio;
using state_ptr = std::shared_ptr<detail::write_ahead_state>;

write_ahead_sink::write_ahead_sink(state_ptr state)
    : record_port(state->local(), detail::any_writer),
      own_(std::move(state))
{
}

write_ahead_sink::write_ahead_sink(write_ahead_sink&&) noexcept = default;

write_ahead_sink& write_ahead_sink::operator=(write_ahead_sink&& other) noexcept
{
    if (this != &other)
    {
        if (own_)
            own_->detach();
        move_state_from(other);
        own_ = std::move(other.own_);
    }
    return *this;
}

write_ahead_sink::~write_ahead_sink()
{
    if (own_)
        own_->detach();
}

namespace
{

/// As a sink, so that an opening whose caller has gone is given up, and not committed by nobody.
asio::awaitable<result<write_ahead_sink>> open_sink(commit::commit_context context, deadline until)
{
    auto opened = co_await commit::open_state(std::move(context), until);
    if (opened.has_error())
        co_return opened.error();
    co_return write_ahead_sink(std::move(*opened));
}

} // namespace

asio::awaitable<write_ahead_sink> write_ahead_sink::open(client service, write_options records,
                                                         write_ahead_options options,
                                                         deadline until)
{
    if (auto problems = options.problems(records); !problems.empty())
        throw options_error(std::move(problems));
    commit::commit_context context;
    context.client = service.state();
    context.records = std::move(records);
    context.options = std::move(options);
    auto op = open_sink(std::move(context), until);
    asio::any_io_executor const strand = asio::make_strand(service.get_executor());
    failure late(errc::timed_out, stage::commit,
                 "the write-ahead sink was not opened in time; look at the service");
    auto opened = co_await async::call_on(strand, std::move(op), until, std::move(late));
    if (opened.has_error())
        throw error(opened.error());
    co_return std::move(*opened);
}

std::size_t write_ahead_sink::parallelism() const noexcept
{
    return state()->writers();
}

sink_writer write_ahead_sink::writer(std::size_t index)
{
    if (index >= state()->writers())
        throw std::out_of_range("writer " + std::to_string(index) + " of a sink with parallelism " +
                                std::to_string(state()->writers()));
    return sink_writer(state(), index);
}

std::optional<std::string> write_ahead_sink::restored_position() const
{
    return own_->position();
}

asio::awaitable<checkpoint_id> write_ahead_sink::checkpoint(std::string position, deadline until)
{
    return detail::write_ahead_state::checkpoint(own_, std::move(position), until);
}

asio::awaitable<void> write_ahead_sink::commit(checkpoint_id id, deadline until)
{
    return detail::write_ahead_state::commit(own_, id, until);
}

namespace
{

asio::awaitable<checkpoint_id> run_both(state_ptr state, std::string position, deadline until)
{
    auto const id =
        co_await detail::write_ahead_state::checkpoint(state, std::move(position), until);
    co_await detail::write_ahead_state::commit(state, id, until);
    co_return id;
}

} // namespace

asio::awaitable<checkpoint_id> write_ahead_sink::checkpoint_and_commit(std::string position,
                                                                       deadline until)
{
    return run_both(own_, std::move(position), until);
}

asio::awaitable<void> write_ahead_sink::advance(std::string position)
{
    return detail::write_ahead_state::advance(own_, std::move(position));
}

std::vector<pending_checkpoint> write_ahead_sink::pending() const
{
    return own_->pending();
}

asio::awaitable<write_ahead_statistics> write_ahead_sink::close(deadline until)
{
    return detail::write_ahead_state::close(own_, until);
}

write_ahead_statistics write_ahead_sink::statistics() const
{
    return own_->statistics();
}

} // namespace kusto
