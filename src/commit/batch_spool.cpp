#include <commit/batch_spool.hpp>

#include <base/guid.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <string>
#include <utility>

namespace kusto::commit
{

namespace asio = boost::asio;

/// One batch file while it is written. Its bytes are part of the backlog from their first on, and stop being so
/// when the file goes.
class batch_spool::writing
{
public:
    explicit writing(batch_spool& owner) : owner_(owner) {}
    writing(writing const&) = delete;
    writing& operator=(writing const&) = delete;
    ~writing()
    {
        if (done_)
            return;
        std::lock_guard const lock(owner_.mutex_);
        owner_.open_bytes_ -= counted_;
        owner_.wake();
    }

    void count(std::uint64_t bytes)
    {
        std::lock_guard const lock(owner_.mutex_);
        counted_ += bytes;
        owner_.open_bytes_ += bytes;
    }
    void done() noexcept { done_ = true; }

    written file;

private:
    batch_spool& owner_;
    std::uint64_t counted_ = 0;
    bool done_ = false;
};

/// A coroutine that waits for the backlog to shrink.
class batch_spool::room_waiter
{
public:
    room_waiter(batch_spool& owner, asio::any_io_executor executor)
        : event(std::move(executor)),
          owner_(owner)
    {
        std::lock_guard const lock(owner_.mutex_);
        place_ = owner_.waiting_.insert(owner_.waiting_.end(), &event);
        if (owner_.has_room())
            event.set();
    }
    room_waiter(room_waiter const&) = delete;
    room_waiter& operator=(room_waiter const&) = delete;
    ~room_waiter()
    {
        std::lock_guard const lock(owner_.mutex_);
        owner_.waiting_.erase(place_);
    }

    async::one_shot event;

private:
    batch_spool& owner_;
    std::list<async::one_shot*>::iterator place_;
};

batch_spool::batch_spool(std::filesystem::path directory, std::uint64_t limit,
                         std::shared_ptr<blocking_threads> threads)
    : directory_(std::move(directory)),
      limit_(limit),
      threads_(std::move(threads)),
      files_(threads_->files.get_executor())
{
}

void batch_spool::start(std::shared_ptr<async::wake_permit> permit, full_function on_full)
{
    permit_ = std::move(permit);
    on_full_ = std::move(on_full);
}

bool batch_spool::has_room() const
{
    return sealed_bytes_ == 0 || open_bytes_ + sealed_bytes_ < limit_;
}

void batch_spool::wake()
{
    if (!has_room())
        return;
    for (auto* const one : waiting_)
        one->set();
}

void batch_spool::judge_open()
{
    std::lock_guard const reporting(report_mutex_);
    bool full = false;
    {
        std::lock_guard const lock(mutex_);
        full = open_bytes_ >= limit_;
    }
    if (reports_ && std::exchange(reported_full_, full) != full)
        on_full_(full);
}

void batch_spool::stop_reports()
{
    std::lock_guard const reporting(report_mutex_);
    reports_ = false;
}

asio::awaitable<void> batch_spool::wait_for_room()
{
    auto const executor = co_await asio::this_coro::executor;
    room_waiter place(*this, executor);
    (void)co_await place.event.wait();
}

asio::awaitable<result<void>> batch_spool::append(writing& to, sink::block_queue& blocks)
{
    for (std::size_t i = 0;; ++i)
    {
        auto const more = co_await blocks.wait_for(i);
        if (more.has_error())
            co_return more.error();
        if (!*more)
            co_return result<void>();
        auto work = [file = to.file, block = blocks.share(i)] { return file->append(*block); };
        auto const appended = co_await async::offload(files_, permit_, std::move(work));
        if (appended.has_error())
            co_return appended.error();
        to.count(blocks.block(i).size());
        judge_open();
    }
}

asio::awaitable<result<void>> batch_spool::keep(core::batch_key batch, data_format format,
                                                sink::block_queue& blocks)
{
    co_await wait_for_room();
    auto const extension = format == data_format::json ? ".json.gz" : ".csv.gz";
    auto name = "batch-" + base::guid::random().to_string() + extension;
    writing one(*this);
    auto create = [directory = directory_, name]
    { return ledger::batch_file_writer::create(directory, name); };
    auto created = co_await async::offload(files_, permit_, std::move(create));
    if (created.has_error())
        co_return created.error();
    one.file = std::make_shared<ledger::batch_file_writer>(std::move(*created));
    auto const appended = co_await append(one, blocks);
    if (appended.has_error())
        co_return appended.error();
    auto finish = [file = one.file] { return file->finish(); };
    auto const finished = co_await async::offload(files_, permit_, std::move(finish));
    if (finished.has_error())
        co_return finished.error();
    one.done();
    core::sealed_batch made;
    made.file = one.file->name();
    made.format = format;
    made.compressed_bytes = one.file->size();
    made.crc = one.file->crc();
    std::lock_guard const lock(mutex_);
    open_.insert_or_assign(batch, std::move(made));
    co_return result<void>();
}

void batch_spool::kept(core::batch_key batch, delivery_counts counts)
{
    std::lock_guard const lock(mutex_);
    auto& one = open_.at(batch);
    one.records = counts.records;
    one.raw_bytes = counts.bytes;
}

std::map<core::batch_key, core::sealed_batch>
batch_spool::take(core::delivery_ledger::position const& until)
{
    std::map<core::batch_key, core::sealed_batch> taken;
    {
        std::lock_guard const lock(mutex_);
        for (auto it = open_.begin(); it != open_.end();)
        {
            if (it->first.number > until.at(it->first.writer))
            {
                ++it;
                continue;
            }
            open_bytes_ -= it->second.compressed_bytes;
            sealed_bytes_ += it->second.compressed_bytes;
            auto const here = it++;
            taken.insert(open_.extract(here));
        }
    }
    judge_open();
    return taken;
}

void batch_spool::put_back(std::map<core::batch_key, core::sealed_batch> batches)
{
    {
        std::lock_guard const lock(mutex_);
        for (auto const& [key, one] : batches)
        {
            open_bytes_ += one.compressed_bytes;
            sealed_bytes_ -= one.compressed_bytes;
        }
        open_.merge(batches);
        wake();
    }
    judge_open();
}

void batch_spool::add_sealed(std::uint64_t bytes)
{
    std::lock_guard const lock(mutex_);
    sealed_bytes_ += bytes;
}

void batch_spool::release(std::uint64_t bytes)
{
    std::lock_guard const lock(mutex_);
    sealed_bytes_ -= bytes;
    wake();
}

std::uint64_t batch_spool::backlog() const
{
    std::lock_guard const lock(mutex_);
    return open_bytes_ + sealed_bytes_;
}

bool batch_spool::waits_for_commit() const
{
    std::lock_guard const lock(mutex_);
    return !waiting_.empty() && !has_room();
}

bool batch_spool::empty() const
{
    std::lock_guard const lock(mutex_);
    return open_.empty();
}

} // namespace kusto::commit
