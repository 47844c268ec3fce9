#include <sink/sink_state.hpp>

#include <algorithm>
#include <kusto/sink.hpp>
#include <new>
#include <sink/context_guard.hpp>
#include <sink/dead_letter.hpp>
#include <string>
#include <utility>

namespace kusto::detail
{

namespace asio = boost::asio;

namespace
{

// The service fails records beyond it.
constexpr std::uint64_t service_record_limit = std::uint64_t(64) << 20;
constexpr std::uint64_t largest_chunk = std::uint64_t(256) << 10;
constexpr std::uint64_t smallest_full_chunk = std::uint64_t(16) << 10;
// Of chunks, and of blocks: a delivered batch makes room for chunks, whose compression makes blocks
// again, and so the budget swings between both.
constexpr std::uint64_t most_idle_bytes = std::uint64_t(16) << 20;
constexpr std::size_t most_idle_codecs = 32;
constexpr std::uint64_t smallest_block = std::uint64_t(64) << 10;

/// A quarter of the budget, shared by the writers.
std::uint64_t quarter_share(write_options const& options) noexcept
{
    return options.byte_budget() / (4 * options.parallelism());
}

std::size_t chunk_size_for(write_options const& options) noexcept
{
    return static_cast<std::size_t>(
        (std::min)(options.client_batch_size_limit(),
                   std::clamp(quarter_share(options), smallest_full_chunk, largest_chunk)));
}

/// What chunks and blocks that nobody needs now may keep: little beside the budget.
std::size_t idle_bytes_for(write_options const& options) noexcept
{
    return static_cast<std::size_t>((std::min)(most_idle_bytes, options.byte_budget() / 8));
}

std::size_t block_size_for(write_options const& options) noexcept
{
    return static_cast<std::size_t>(
        (std::max)(smallest_block, (std::min)(options.block_size(), quarter_share(options))));
}

/// Each thread works for a batch, and each writer has one open.
std::size_t idle_codecs_for(write_options const& options) noexcept
{
    return (std::min)(options.compression_threads() + options.parallelism(), most_idle_codecs);
}

std::uint64_t record_limit(write_options const& options) noexcept
{
    return (std::min)(
        {options.client_batch_size_limit(), service_record_limit, options.byte_budget() / 2});
}

/// The writer at which the calling thread's next record starts. A thread stays with a writer for a
/// chunk, then moves on, so that a single producer uses all writers too.
std::size_t& home_of_this_thread() noexcept
{
    static std::atomic<std::size_t> threads = 0;
    thread_local std::size_t home = threads.fetch_add(1, std::memory_order_relaxed);
    return home;
}

failure closed_failure()
{
    return failure(errc::closed, stage::sink,
                   "the sink is closed and accepts no more records; make a new one");
}

} // namespace

sink_state::sink_state(asio::any_io_executor executor,
                       std::shared_ptr<service::ingest_channel> channel, write_options options,
                       sink::environment around)
    : options_(std::move(options)),
      executor_(std::move(executor)),
      channel_(std::move(channel)),
      around_(std::move(around)),
      max_record_(record_limit(options_)),
      mapped_(!options_.mapping_name().empty()),
      chunk_size_(chunk_size_for(options_)),
      block_size_(block_size_for(options_)),
      budget_(std::make_shared<async::byte_budget>(options_.byte_budget())),
      chunks_(std::make_shared<sink::chunk_pool>(idle_bytes_for(options_))),
      codecs_(options_.compression()),
      ledger_(options_.parallelism()),
      compression_(options_.compression_threads(),
                   idle_bytes_for(options_), idle_codecs_for(options_))
{
    for (std::size_t i = 0; i < options_.parallelism(); ++i)
        writers_.emplace_back(*this, i, executor_);
}

core::batch_limits sink_state::limits() const
{
    return core::batch_limits(options_.batch_size(), options_.client_batch_size_limit(),
                              options_.batch_interval());
}

void sink_state::check(std::size_t size, data_format format) const
{
    if (takes(size, format))
        return;
    if (mapped_ && format != options_.mapping_format())
        throw error(failure(errc::invalid_record, stage::buffer,
                            std::string("the record is ") +
                                (format == data_format::csv ? "CSV" : "JSON") +
                                " but ingestion_mapping '" + options_.mapping_name() +
                                "' is for the other format; name a mapping for this format"));
    std::string message = "the record has " + std::to_string(size) + " bytes, the limit is " +
                          std::to_string(max_record_) + ": ";
    if (max_record_ == options_.client_batch_size_limit())
        message += "client_batch_size_limit; raise it or divide the record";
    else if (max_record_ == service_record_limit)
        message += "the service takes no larger record; divide it";
    else
        message += "half of byte_budget; raise it or divide the record";
    throw error(failure(errc::record_too_large, stage::buffer, std::move(message)));
}

std::size_t sink_state::submit(std::size_t writer, std::span<encoded_record const> records,
                               sink::spare& with)
{
    std::size_t done = 0;
    try
    {
        submit_from(writer, records, done, with);
    }
    catch (std::bad_alloc const&)
    {
        // What was accepted must not be written again; the next call throws.
        if (done == 0)
            throw;
    }
    return done;
}

void sink_state::submit_from(std::size_t writer, std::span<encoded_record const> records,
                             std::size_t& done, sink::spare& with)
{
    sink::gate_backoff backoff;
    for (;;)
    {
        auto status = sink::append_status::busy;
        if (writer == any_writer)
            status = append_any(records, done, with);
        else
            status = writers_[writer].try_append(records, done, with);
        switch (status)
        {
        case sink::append_status::accepted:
            return;
        case sink::append_status::refused:
        {
            if (done != 0)
                return;
            auto why = refusal();
            // A hold may have ended meanwhile.
            if (!accepting())
                throw error(std::move(why));
            break;
        }
        case sink::append_status::busy:
            backoff.wait();
            break;
        case sink::append_status::need_chunk:
            if (!bring_along(records[done], with))
                return;
            break;
        }
    }
}

bool sink_state::bring_along(encoded_record const& record, sink::spare& with)
{
    // Compared with the record: to wait for more with a share in hand could wait for ever.
    if (with.memory.room() < record.size())
    {
        auto share = budget_->try_acquire(chunk_cost(with.wanted));
        if (!share)
            return false;
        with.memory = sink::chunk(chunks_, with.wanted, std::move(*share));
    }
    if (with.batch_wanted)
        with.next = std::make_shared<sink::batch>(record.format());
    return true;
}

sink::append_status sink_state::append_any(std::span<encoded_record const> records,
                                           std::size_t& done, sink::spare& with)
{
    auto& home = home_of_this_thread();
    auto const count = writers_.size();
    for (std::size_t i = 0, at = home % count; i < count; ++i)
    {
        auto const status = writers_[at].try_append(records, done, with);
        if (status == sink::append_status::need_chunk && count > 1 && !with.moved)
        {
            // This writer's chunk is full: the next one may have room, and is to have its turn.
            with.moved = true;
            ++home;
        }
        else if (status != sink::append_status::busy)
            return status;
        at = at + 1 == count ? 0 : at + 1;
    }
    return sink::append_status::busy;
}

void sink_state::relieve_pressure()
{
    if (outstanding_.load() == 0)
        (void)seal_all(core::seal_reason::pressure);
}

failure sink_state::refusal() const
{
    if (mode_.load(std::memory_order_acquire) == mode::closed)
        return closed_failure();
    std::lock_guard const lock(mutex_);
    if (held_by_ && !stopped_by_)
        return *held_by_;
    failure why(errc::sink_stopped, stage::sink,
                "the sink stopped because a batch could not be delivered" +
                    (stopped_by_ ? " (" + failure(*stopped_by_).server_text({}).describe() + ")" : std::string()) +
                    "; close it for a report");
    if (stopped_by_)
        why.host(stopped_by_->host())
            .status(stopped_by_->status())
            .service_code(stopped_by_->service_code())
            .source_id(stopped_by_->source_id());
    return why;
}

void sink_state::stop(failure const& why)
{
    {
        std::lock_guard const lock(mutex_);
        if (!stopped_by_)
            stopped_by_ = why;
    }
    for (auto expected : {mode::open, mode::held})
        (void)mode_.compare_exchange_strong(expected, mode::stopped);
    if (mode_.load() != mode::stopped)
        return;
    budget_->close(refusal());
    log().failed(log_level::error, "the sink stops", why);
}

void sink_state::hold(failure why)
{
    {
        std::lock_guard const lock(mutex_);
        held_by_ = std::move(why);
    }
    auto expected = mode::open;
    (void)mode_.compare_exchange_strong(expected, mode::held);
}

void sink_state::go_on()
{
    auto expected = mode::held;
    (void)mode_.compare_exchange_strong(expected, mode::open);
    std::lock_guard const lock(mutex_);
    held_by_.reset();
}

sink_state::position sink_state::seal_all(core::seal_reason why)
{
    position last;
    last.reserve(writers_.size());
    for (auto& one : writers_)
        last.push_back(one.seal(why));
    return last;
}

std::optional<sink_state::position> sink_state::seal_all_if(delivery_counts const& accepted,
                                                            core::seal_reason why)
{
    // All gates at once, in one order: nothing is accepted in between.
    std::vector<std::unique_lock<sink::gate>> gates;
    delivery_counts now;
    for (auto& one : writers_)
    {
        gates.push_back(one.enter());
        now = core::operator+(now, one.accepted_locked());
    }
    if (now.records != accepted.records)
        return std::nullopt;
    position last;
    for (auto& one : writers_)
        last.push_back(one.seal_entered(why));
    gates.clear();
    for (auto& one : writers_)
        one.wake_if_needed();
    return last;
}

sink_state::position sink_state::all_of(std::size_t writer)
{
    position last(writers_.size());
    last[writer] = writers_[writer].last_number();
    return last;
}

bool sink_state::begin_post(core::batch_key batch, delivery_counts counts)
{
    std::lock_guard const lock(mutex_);
    return ledger_.begin_post(batch, counts);
}

void sink_state::retract_post(core::batch_key batch)
{
    std::lock_guard const lock(mutex_);
    ledger_.retract_post(batch);
}

void sink_state::queued(core::batch_key batch)
{
    {
        std::lock_guard const lock(mutex_);
        ledger_.queued(batch);
    }
    wake_waiters();
}

void sink_state::resolve(core::batch_key batch, delivery_counts counts, core::batch_end const& end)
{
    bool taken = false;
    {
        std::lock_guard const lock(mutex_);
        taken = ledger_.resolve(batch, counts, end);
        if (taken)
            compressed_ += end.compressed;
    }
    if (taken && end.stops && end.why)
        stop(*end.why);
}

} // namespace kusto::detail

namespace kusto::sink
{

std::shared_ptr<detail::sink_state>
make_sink_state(boost::asio::any_io_executor executor,
                std::shared_ptr<service::ingest_channel> channel, write_options options,
                environment around)
{
    if (auto problems = options.problems(); !problems.empty())
        throw options_error(std::move(problems));
    auto const& policy = options.on_permanent_failure();
    if (policy.what() == failure_policy::kind::dead_letter)
        prepare_dead_letters(policy.directory());
    auto const state = std::make_shared<detail::sink_state>(
        executor, std::move(channel), std::move(options), std::move(around));
    context_guard::watch(executor, state);
    return state;
}

} // namespace kusto::sink
