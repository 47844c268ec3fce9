// One life of a sink in a process of its own, which can be killed at any moment.
#include "child_plan.hpp"
#include "fast_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <faults/records.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <kusto/write_ahead_sink.hpp>
#include <mutex>
#include <support/compressions.hpp>
#include <thread>

namespace
{

using namespace kusto;
using namespace kusto::crash;
namespace asio = boost::asio;
using std::chrono::milliseconds;

void trace(log_event const& event)
{
    using clock = std::chrono::steady_clock;
    auto const since = std::chrono::duration<double, std::milli>(clock::now().time_since_epoch());
    std::fprintf(stderr, "%.1f %s\n", since.count(), to_text(event).c_str());
}

connection_options connection(child_plan const& plan)
{
    auto where = connection_options::from_environment();
    retry_options retry;
    retry.attempts(static_cast<int>(plan.attempts)).base(milliseconds(plan.retry_base_ms));
    retry.cap(milliseconds(plan.retry_cap_ms));
    where.retry(retry).request_timeout(milliseconds(plan.request_timeout_ms * plan.speed));
    where.connect_timeout(milliseconds(2000));
    if (plan.trace != 0)
        where.log(log_level::trace, trace);
    return where;
}

write_options records(child_plan const& plan)
{
    write_options out{std::string(faults::database_name), std::string(faults::table_name)};
    retry_options retry;
    retry.attempts(static_cast<int>(plan.attempts)).base(milliseconds(plan.retry_base_ms));
    retry.cap(milliseconds(plan.retry_cap_ms));
    out.retry(retry).parallelism(plan.parallelism).uploads_in_flight(plan.uploads_in_flight);
    out.batch_size(plan.batch_size).compression(test::compression_named(plan.compression));
    out.compression_threads(plan.compression_threads).block_size(plan.block_size);
    out.batch_interval(milliseconds(60'000)).verify_table(false);
    if (plan.mapping != 0)
        out.ingestion_mapping(std::string(mapping_name), data_format::csv);
    if (plan.sink != "batching")
        out.ingestion_status_timeout(milliseconds(plan.status_timeout_ms * plan.speed));
    return out;
}

write_ahead_options ahead(child_plan const& plan)
{
    write_ahead_options out(plan.directory, plan.job);
    out.protocol(plan.sink == "ingest_by" ? commit_protocol::ingest_by : commit_protocol::staged);
    out.checkpoint_records(plan.checkpoint_records);
    out.checkpoint_interval(milliseconds(plan.interval_ms * plan.speed));
    return out;
}

std::uint64_t number_of(std::string const& position)
{
    std::uint64_t out = 0;
    auto const end = position.data() + position.size();
    auto const [at, error] = std::from_chars(position.data(), end, out);
    if (error != std::errc() || at != end)
        throw std::runtime_error("the restored position is not one of ours: '" + position + "'");
    return out;
}

asio::awaitable<void> write_share(sink_writer writer, replayable_source const& source,
                                  std::uint64_t from, std::uint64_t to, std::uint64_t step)
{
    for (auto at = from; at < to; at += step)
    {
        auto const record = source.record(at);
        co_await writer.write(record);
    }
}

class life
{
public:
    explicit life(child_plan const& plan)
        : plan_(plan),
          source_(plan),
          clock_(static_cast<std::int64_t>(plan.speed)),
          threads_(2)
    {
    }
    life(life const&) = delete;
    life& operator=(life const&) = delete;
    ~life()
    {
        threads_.stop();
        threads_.join();
    }

    exit_code with_write_ahead();
    exit_code with_batching();

private:
    template <class T>
    T run(asio::awaitable<T> operation)
    {
        return asio::co_spawn(threads_, std::move(operation), asio::use_future).get();
    }

    std::shared_ptr<detail::write_ahead_state> open();
    void visit(std::string_view point);
    template <class Sink>
    void write_group(Sink& sink, std::uint64_t from, std::uint64_t to);
    template <class Sink>
    std::uint64_t write_groups(Sink& sink, std::uint64_t from);
    void produce(write_ahead_sink& sink, std::uint64_t from);
    void commit_beside(write_ahead_sink& sink);
    void commit_rest(write_ahead_sink& sink);
    exit_code finish(write_ahead_sink& sink);

    child_plan const& plan_;
    replayable_source source_;
    fast_clock clock_;
    asio::thread_pool threads_;

    std::mutex mutex_;
    std::uint64_t visits_ = 0;
    std::condition_variable changed_;
    checkpoint_id sealed_ = 0;
    bool ended_ = false;
};

void life::visit(std::string_view point)
{
    if (point != plan_.kill_at)
        return;
    std::lock_guard const lock(mutex_);
    if (++visits_ == plan_.kill_visit)
        (void)::raise(SIGKILL);
}

std::shared_ptr<detail::write_ahead_state> life::open()
{
    auto const executor = threads_.get_executor();
    commit::commit_context context;
    context.client = connect(executor, connection(plan_), milliseconds(plan_.request_timeout_ms),
                             clock_);
    context.records = records(plan_);
    context.options = ahead(plan_);
    context.crash_point = [this](std::string_view point) { visit(point); };
    return run(open_sink(executor, std::move(context)));
}

/// Several producers write at once; all stand still when it returns.
template <class Sink>
void life::write_group(Sink& sink, std::uint64_t from, std::uint64_t to)
{
    std::vector<std::future<void>> shares;
    for (std::uint64_t i = 0; i < plan_.producers; ++i)
    {
        auto work = write_share(sink.writer(i % sink.parallelism()), source_, from + i, to,
                                plan_.producers);
        shares.push_back(asio::co_spawn(threads_, std::move(work), asio::use_future));
    }
    for (auto& one : shares)
        one.get();
    if (plan_.pause_us != 0)
        std::this_thread::sleep_for(std::chrono::microseconds(plan_.pause_us));
}

template <class Sink>
std::uint64_t life::write_groups(Sink& sink, std::uint64_t from)
{
    for (std::uint64_t i = 0; i < plan_.groups && from < source_.size(); ++i)
    {
        auto const to = source_.group_end(from);
        write_group(sink, from, to);
        from = to;
    }
    return from;
}

void life::produce(write_ahead_sink& sink, std::uint64_t from)
{
    for (std::uint64_t made = 1; from < source_.size(); ++made)
    {
        from = write_groups(sink, from);
        auto position = std::to_string(from);
        bool const empty = plan_.empty_every != 0 && made % plan_.empty_every == 0;
        if (empty && plan_.mode != "advance")
            (void)run(sink.checkpoint(position));
        if (plan_.mode == "advance")
            run(sink.advance(std::move(position)));
        else if (plan_.mode == "commit_each")
            (void)run(sink.checkpoint_and_commit(std::move(position)));
        else
        {
            auto const id = run(sink.checkpoint(std::move(position)));
            if (plan_.mode == "commit_later" && made % plan_.commit_every == 0)
                run(sink.commit(id));
            std::lock_guard const lock(mutex_);
            sealed_ = id;
            changed_.notify_all();
        }
    }
}

void life::commit_beside(write_ahead_sink& sink)
{
    checkpoint_id done = 0;
    for (;;)
    {
        checkpoint_id next = 0;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return sealed_ > done || ended_; });
            if (sealed_ == done)
                return;
            next = sealed_;
        }
        run(sink.commit(next));
        done = next;
    }
}

void life::commit_rest(write_ahead_sink& sink)
{
    auto const left = sink.pending();
    if (!left.empty())
        run(sink.commit(left.back().id));
}

exit_code life::finish(write_ahead_sink& sink)
{
    if (plan_.mode != "advance")
        commit_rest(sink);
    auto const end = run(sink.close());
    boost::json::object out;
    out["sealed"] = end.checkpoints_sealed;
    out["committed"] = end.checkpoints_committed;
    out["abandoned"] = end.stages_abandoned;
    out["repeated"] = end.repeated_posts;
    out["duplicates"] = end.duplicates;
    std::cout << boost::json::serialize(out) << std::endl;
    if (!sink.pending().empty())
    {
        std::cerr << "close left checkpoints behind";
        if (end.trouble)
            std::cerr << ": " << end.trouble->describe();
        std::cerr << std::endl;
        return service_trouble;
    }
    if (end.backlog_bytes != 0)
    {
        std::cerr << end.backlog_bytes << " bytes of backlog after all was committed" << std::endl;
        return broken_promise;
    }
    return all_committed;
}

exit_code life::with_write_ahead()
{
    write_ahead_sink sink(open());
    auto const restored = sink.restored_position();
    auto const from = restored ? number_of(*restored) : 0;
    std::cout << "opened at " << from << " of " << source_.size() << ", " << sink.pending().size()
              << " pending" << std::endl;
    // An idle source commits what an earlier life left.
    if (from == source_.size())
        commit_rest(sink);
    std::future<void> beside;
    if (plan_.mode == "beside")
        beside = std::async(std::launch::async, [&] { commit_beside(sink); });
    try
    {
        produce(sink, from);
    }
    catch (...)
    {
        std::lock_guard const lock(mutex_);
        ended_ = true;
        changed_.notify_all();
        throw;
    }
    {
        std::lock_guard const lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    }
    if (beside.valid())
        beside.get();
    return finish(sink);
}

/// What is done without a write-ahead sink: flush, then note the position.
exit_code life::with_batching()
{
    auto const directory = std::filesystem::path(plan_.directory);
    std::filesystem::create_directories(directory);
    std::uint64_t from = 0;
    std::ifstream(directory / "position") >> from;
    batching_sink sink(threads_.get_executor(), connection(plan_), records(plan_));
    while (from < source_.size())
    {
        from = write_groups(sink, from);
        (void)run(sink.flush());
        std::ofstream(directory / "next") << from;
        std::filesystem::rename(directory / "next", directory / "position");
    }
    (void)run(sink.close());
    return all_committed;
}

/// No crash and no trouble of the service may lead to these.
bool is_promise(failure const& why)
{
    switch (why.code())
    {
    case errc::access_denied:
        // Tokens that were revoked in a row.
        return why.status() != 401;
    case errc::ledger_damaged:
    case errc::ledger_outdated:
    case errc::ledger_in_use:
    case errc::disk_failed:
    case errc::backlog_full:
    case errc::schema_mismatch:
    case errc::table_unsuited:
    case errc::invalid_option:
        return true;
    default:
        return false;
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2)
    {
        std::cerr << "usage: kusto_wal_child PLAN (JSON); the cluster is in the environment\n";
        return usage_error;
    }
    try
    {
        auto const plan = plan_from_json(argv[1]);
        life one(plan);
        return plan.sink == "batching" ? one.with_batching() : one.with_write_ahead();
    }
    catch (error const& e)
    {
        std::cerr << e.what() << std::endl;
        return is_promise(e.why()) ? broken_promise : service_trouble;
    }
    catch (std::exception const& e)
    {
        std::cerr << e.what() << std::endl;
        return broken_promise;
    }
}
