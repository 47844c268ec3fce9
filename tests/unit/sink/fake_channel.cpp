#include "fake_channel.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <random>
#include <stdexcept>
#include <utility>
#include <zlib.h>

namespace kusto::test
{

namespace asio = boost::asio;

namespace
{

/// Registers an event in a list for as long as it exists.
class listed
{
public:
    listed(std::mutex& mutex, std::list<async::one_shot*>& list, asio::any_io_executor executor)
        : event(std::move(executor)),
          mutex_(mutex),
          list_(list)
    {
        std::lock_guard const lock(mutex_);
        place_ = list_.insert(list_.end(), &event);
    }
    listed(listed const&) = delete;
    listed& operator=(listed const&) = delete;
    ~listed()
    {
        std::lock_guard const lock(mutex_);
        list_.erase(place_);
    }

    async::one_shot event;

private:
    std::mutex& mutex_;
    std::list<async::one_shot*>& list_;
    std::list<async::one_shot*>::iterator place_;
};

std::uint64_t mix(std::uint64_t x) noexcept
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ull;
    return x ^ (x >> 33);
}

} // namespace

std::string gunzip(std::string const& data)
{
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        throw std::runtime_error("inflateInit2");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    std::string out;
    std::vector<char> room(std::size_t(1) << 18);
    int code = Z_OK;
    while (code == Z_OK)
    {
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = static_cast<uInt>(room.size());
        code = inflate(&stream, Z_NO_FLUSH);
        out.append(room.data(), room.size() - stream.avail_out);
    }
    bool const whole = code == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (!whole)
        throw std::runtime_error("not one whole gzip member");
    return out;
}

asio::awaitable<void> door::pass()
{
    auto const executor = co_await asio::this_coro::executor;
    listed place(mutex_, waiting_, executor);
    {
        std::lock_guard const lock(mutex_);
        if (open_)
            place.event.set();
    }
    (void)co_await place.event.wait();
}

void door::open()
{
    std::lock_guard const lock(mutex_);
    open_ = true;
    for (auto* const one : waiting_)
        one->set();
}

class fake_channel::running
{
public:
    explicit running(tally& all) : all_(all)
    {
        auto const now = ++all_.now;
        auto most = all_.most.load();
        while (now > most && !all_.most.compare_exchange_weak(most, now))
        {
        }
    }
    running(running const&) = delete;
    running& operator=(running const&) = delete;
    ~running() { --all_.now; }

private:
    tally& all_;
};

asio::awaitable<result<std::string>> fake_channel::read(service::block_stream& blocks,
                                                        std::size_t& count)
{
    std::string data;
    std::size_t first_size = 0;
    std::size_t last_size = 0;
    for (count = 0;; ++count)
    {
        auto const more = co_await blocks.wait_for(count);
        if (more.has_error())
            co_return more.error();
        if (!*more)
            break;
        if (count != 0 && last_size != first_size)
            complain("a block before the last one is of another size");
        auto const bytes = blocks.block(count);
        if (bytes.empty())
            complain("an empty block");
        if (count == 0)
            first_size = bytes.size();
        last_size = bytes.size();
        data.append(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    }
    co_return data;
}

asio::awaitable<void> fake_channel::act(answer what)
{
    auto const executor = co_await asio::this_coro::executor;
    if (what == answer::hold)
        co_await release.pass();
    if (what == answer::hang)
    {
        async::one_shot never(executor);
        (void)co_await never.wait();
    }
    if (what == answer::hang_deafly)
    {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await deaf.pass();
    }
}

asio::awaitable<result<service::uploaded_blob>>
fake_channel::upload(service::batch_identity batch, service::block_stream& blocks, deadline)
{
    running const now(uploading_);
    auto const call = uploads_++;
    changed();
    auto const what = on_upload ? on_upload(call) : answer::yes;
    co_await act(what);
    if (what == answer::refuse)
        co_return failure(errc::request_rejected, stage::upload, "scripted").host("h").attempts(3);
    if (what == answer::trouble)
        co_return failure(errc::service_unavailable, stage::upload, "scripted trouble")
            .retryable(true)
            .attempts(3);
    if (what == answer::lose)
        co_return failure(errc::connection_lost, stage::upload, "scripted");
    std::size_t count = 0;
    auto data = co_await read(blocks, count);
    if (data.has_error())
        co_return data.error();
    auto const size = data->size();
    auto const url = base::url::parse("http://127.0.0.1/c/" + batch.source_id.to_string());
    {
        std::lock_guard const lock(mutex_);
        blobs_[batch.source_id.to_string()] = std::make_pair(std::move(*data), count);
    }
    auto const end = usable_for ? deadline::after(*usable_for) : deadline::never();
    co_return service::uploaded_blob(url.value(), size, 1, end);
}

asio::awaitable<result<service::posted_message>>
fake_channel::post(service::batch_identity batch, service::uploaded_blob const& blob,
                   std::uint64_t raw_size, deadline)
{
    running const now(posting_);
    auto const call = posts_++;
    auto const what = on_post ? on_post(call) : answer::yes;
    co_await act(what);
    failure const lost = failure(errc::connection_lost, stage::post, "scripted")
                             .outcome(outcome::unknown);
    if (what == answer::refuse)
        co_return failure(errc::access_denied, stage::post, "scripted");
    if (what == answer::trouble)
        co_return failure(errc::throttled, stage::post, "scripted trouble").retryable(true);
    if (what == answer::lose)
        co_return lost;
    take(batch, blob, raw_size);
    changed();
    if (what == answer::lose_once)
        co_return failure(lost).retryable(true);
    service::posted_message message(1);
    if (on_confirm)
        message.statuses = base::url::parse("http://127.0.0.1/statuses").value();
    co_return message;
}

void fake_channel::take(service::batch_identity const& batch, service::uploaded_blob const& blob,
                        std::uint64_t raw_size)
{
    taken_batch taken;
    taken.source_id = batch.source_id.to_string();
    taken.format = batch.format;
    std::lock_guard const lock(mutex_);
    auto const found = blobs_.find(taken.source_id);
    if (found == blobs_.end())
    {
        complaints_ += "a post without upload; ";
        return;
    }
    taken.text = gunzip(found->second.first);
    taken.blocks = found->second.second;
    taken.compressed = found->second.first.size();
    if (taken.compressed != blob.size)
        complaints_ += "size of the blob; ";
    if (taken.text.size() != raw_size)
        complaints_ += "raw size " + std::to_string(raw_size) + " of " +
                       std::to_string(taken.text.size()) + "; ";
    if (taken.text.empty() || taken.text.back() != '\n')
        complaints_ += "a batch that does not end with a record; ";
    batches_.push_back(std::move(taken));
}

asio::awaitable<result<service::ingestion_end>>
fake_channel::confirm(service::batch_identity, service::posted_message const&, deadline)
{
    auto const call = confirmations_++;
    changed();
    auto const what = on_confirm(call);
    co_await act(what);
    if (what == answer::refuse)
        co_return failure(errc::ingestion_failed, stage::ingest, "scripted")
            .service_code("BadRequest_InvalidBlob");
    if (what == answer::trouble)
        co_return failure(errc::ingestion_failed, stage::ingest, "scripted").retryable(true);
    if (what == answer::silence)
        co_return failure(errc::outcome_unknown, stage::ingest, "scripted")
            .outcome(outcome::unknown);
    if (what == answer::lose)
        co_return failure(errc::partially_ingested, stage::ingest, "scripted")
            .outcome(outcome::unknown);
    co_return service::ingestion_end::succeeded;
}

asio::awaitable<void> fake_channel::wait_until(std::function<bool()> what)
{
    auto const executor = co_await asio::this_coro::executor;
    for (;;)
    {
        listed place(mutex_, watching_, executor);
        if (what())
            co_return;
        auto const limit = deadline::after(std::chrono::seconds(30));
        bool const changed = co_await place.event.wait(limit.when());
        if (!changed)
            throw std::runtime_error("what the test waits for does not happen");
    }
}

asio::awaitable<void> fake_channel::wait_for_batches(std::size_t count)
{
    std::function<bool()> what = [this, count] { return batches().size() >= count; };
    co_await wait_until(std::move(what));
}

asio::awaitable<void> fake_channel::wait_for_uploads(std::size_t count)
{
    std::function<bool()> what = [this, count] { return uploads() >= count; };
    co_await wait_until(std::move(what));
}

asio::awaitable<void> fake_channel::wait_for_confirmations(std::size_t count)
{
    std::function<bool()> what = [this, count] { return confirmations() >= count; };
    co_await wait_until(std::move(what));
}

std::vector<taken_batch> fake_channel::batches() const
{
    std::lock_guard const lock(mutex_);
    return batches_;
}

std::string fake_channel::complaints() const
{
    std::lock_guard const lock(mutex_);
    return complaints_;
}

void fake_channel::complain(std::string what)
{
    std::lock_guard const lock(mutex_);
    complaints_ += what + "; ";
}

void fake_channel::changed()
{
    std::lock_guard const lock(mutex_);
    for (auto* const one : watching_)
        one->set();
}

std::string make_record(std::uint64_t id, std::size_t size, bool compressible)
{
    auto text = std::to_string(id) + ',' + std::to_string(mix(id) % 1000000007) + ',';
    std::minstd_rand random(static_cast<std::uint32_t>(id + 1));
    while (text.size() + 1 < size)
        text += compressible ? 'x' : static_cast<char>('0' + random() % 75);
    std::replace(text.begin(), text.end(), '\\', '_');
    return text;
}

std::set<std::uint64_t> ids_in(std::vector<taken_batch> const& batches)
{
    std::set<std::uint64_t> ids;
    for (auto const& batch : batches)
        for (std::size_t at = 0; at < batch.text.size();)
        {
            auto const end = batch.text.find('\n', at);
            auto const line = batch.text.substr(at, end - at);
            auto const comma = line.find(',');
            auto const second = line.find(',', comma + 1);
            if (end == std::string::npos || second == std::string::npos)
                throw std::runtime_error("a damaged record: " + line.substr(0, 60));
            auto const id = std::stoull(line.substr(0, comma));
            if (std::stoull(line.substr(comma + 1)) != mix(id) % 1000000007)
                throw std::runtime_error("a damaged record: " + line.substr(0, 60));
            if (!ids.insert(id).second)
                throw std::runtime_error("record twice: " + std::to_string(id));
            at = end + 1;
        }
    return ids;
}

std::size_t lines_in(std::string const& text)
{
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace kusto::test
