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

asio::awaitable<void> write_when_room(std::shared_ptr<sink_state> state, std::size_t writer,
                                      std::string text, data_format format)
{
    auto const executor = co_await asio::this_coro::executor;
    encoded_record const record(text, format, false);
    sink::spare with;
    bool waited = false;
    for (;;)
    {
        if (state->submit(writer, record, with))
            co_return;
        async::byte_budget::turn turn(*state->budget(), state->chunk_cost(with.wanted), executor);
        // After taking the turn: a batch that is resolved from here on looks for those who wait.
        state->relieve_pressure();
        if (!std::exchange(waited, true))
            state->note_waited();
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

void record_group::locate(std::string_view encoded) noexcept
{
    std::size_t at = 0;
    for (std::size_t i = 0; i < count_; ++i)
    {
        auto& one = records_[i];
        auto const size = one.size();
        one = encoded_record(encoded.substr(at, size), one.format(), false);
        at += size;
    }
}

// Its frame is small enough for Asio's recycled memory, so awaiting it allocates nothing.
asio::awaitable<void> written_already()
{
    co_return;
}

asio::awaitable<void> write_waiting(std::shared_ptr<sink_state> const& state, std::size_t writer,
                                    encoded_record const& record)
{
    state->check(record.size(), record.format());
    std::string text;
    text.reserve(record.size());
    text += record.text();
    if (record.lacks_line_end())
        text += '\n';
    return write_when_room(state, writer, std::move(text), record.format());
}

asio::awaitable<void> write_encoded(std::shared_ptr<sink_state> const& state, std::size_t writer,
                                    encoded_record const& record)
{
    state->check(record.size(), record.format());
    sink::spare with;
    if (state->submit(writer, record, with))
        return written_already();
    return write_waiting(state, writer, record);
}

bool try_write_encoded(sink_state& state, std::size_t writer, encoded_record const& record)
{
    state.check(record.size(), record.format());
    sink::spare with;
    if (state.submit(writer, record, with))
        return true;
    state.relieve_pressure();
    return false;
}

std::size_t try_write_group(sink_state& state, std::size_t writer, record_group const& group)
{
    auto const records = group.records();
    state.check(records.front().size(), records.front().format());
    std::size_t sound = 1;
    while (sound != records.size() && state.takes(records[sound].size(), records[sound].format()))
        ++sound;
    sink::spare with;
    return state.submit(writer, records.first(sound), with);
}

void note_no_room(sink_state& state)
{
    state.relieve_pressure();
}

} // namespace kusto::detail
