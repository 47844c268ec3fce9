// The functions behind `write` and `try_write`.
#include <boost/asio/this_coro.hpp>
#include <kusto/sink.hpp>
#include <sink/sink_state.hpp>
#include <string>
#include <utility>

namespace kusto::detail
{

namespace asio = boost::asio;

namespace
{

/// Its frame is small enough for Asio's recycled memory, so awaiting it allocates nothing.
asio::awaitable<void> accepted_already()
{
    co_return;
}

asio::awaitable<void> write_when_room(std::shared_ptr<sink_state> state, std::size_t writer,
                                      std::string record, data_format format)
{
    auto const executor = co_await asio::this_coro::executor;
    sink::spare with;
    for (;;)
    {
        if (state->submit(writer, record, format, with))
            co_return;
        async::byte_budget::turn turn(*state->budget(), sink::chunk_cost(with.wanted), executor);
        // After taking the turn: a batch that is resolved from here on looks for those who wait.
        state->relieve_pressure();
        auto share = co_await turn.wait();
        if (share.has_error() && !state->accepting())
            throw error(state->refusal());
        if (share.has_error())
            throw error(share.error());
        with.memory = sink::chunk(state->chunks(), with.wanted, std::move(*share));
    }
}

} // namespace

record_buffer& scratch_buffer()
{
    thread_local record_buffer buffer;
    buffer.clear();
    return buffer;
}

asio::awaitable<void> write_encoded(std::shared_ptr<sink_state> const& state, std::size_t writer,
                                    record_buffer const& record, data_format format)
{
    state->check(record.size(), format);
    sink::spare with;
    if (state->submit(writer, record.view(), format, with))
        return accepted_already();
    state->note_waited();
    return write_when_room(state, writer, std::string(record.view()), format);
}

bool try_write_encoded(sink_state& state, std::size_t writer, record_buffer const& record,
                       data_format format)
{
    state.check(record.size(), format);
    sink::spare with;
    if (state.submit(writer, record.view(), format, with))
        return true;
    state.relieve_pressure();
    return false;
}

} // namespace kusto::detail
