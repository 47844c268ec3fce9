#include <cli/bench_producers.hpp>
#include <cli/bench_run.hpp>
#include <cli/bench_server.hpp>
#include <cli/memory_sampler.hpp>
#include <cli/process_measures.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <future>
#include <kusto/write_ahead_sink.hpp>
#include <limits>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace kusto::cli
{

namespace asio = boost::asio;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

namespace
{

constexpr std::chrono::seconds settle_limit(60);

constexpr char const* executor_name = "bench-executor";
constexpr char const* own_name = "kusto-bench";

double seconds_of(std::chrono::microseconds time)
{
    return std::chrono::duration<double>(time).count();
}

/// Values that only grow, read before and after.
struct meter
{
    meter(bench_server const& server)
        : time(steady::now()),
          cpu(process_cpu_seconds() - server.cpu_seconds_here()),
          executor_cpu(thread_cpu_seconds(executor_name)),
          server_cpu(server.cpu_seconds())
    {
    }

    steady::time_point time;
    double cpu;
    double executor_cpu;
    double server_cpu;
};

class bench_run
{
public:
    bench_run(bench_options const& options, bench_source const& source, std::size_t parallelism)
        : options_(options),
          source_(source),
          parallelism_(parallelism),
          server_(bench_server::open(options)),
          threads_((name_this_thread(executor_name), options.threads)),
          service_(threads_.get_executor(), server_->where())
    {
        name_this_thread(own_name);
        wait(service_.connect());
        bool const create = options.server != "connection" || options.create_table;
        if (create)
            (void)wait(service_.execute(
                options.database, create_merge_table_command(options.table, source.schema())));
    }

    bench_result batching();
    bench_result write_ahead();

private:
    template <class T>
    T wait(asio::awaitable<T> operation)
    {
        return asio::co_spawn(threads_, std::move(operation), asio::use_future).get();
    }

    [[nodiscard]] write_options sink_options() const;
    [[nodiscard]] std::uint64_t wanted_records() const;
    [[nodiscard]] asio::awaitable<void> producer(sink_writer out,
                                                 std::vector<std::uint32_t> const* sums,
                                                 producer_work& work) const;
    template <class Sink>
    void write(Sink& sink, std::uint64_t records, steady::time_point until);
    void fill(bench_result& out, sink_statistics const& before, sink_statistics const& after,
              meter const& start, meter const& end) const;
    void compare(bench_result& out, delivery_report const& report);
    [[nodiscard]] std::optional<emulator::discarded_counts> settled(std::uint64_t blobs);

    bench_options const& options_;
    bench_source const& source_;
    std::size_t const parallelism_;
    std::unique_ptr<bench_server> server_;
    asio::thread_pool threads_;
    client service_;
    std::uint64_t first_ = 0; ///< index of the next record
    std::uint64_t line_sum_ = 0;
    fine_histogram write_;
};

write_options bench_run::sink_options() const
{
    write_options out(options_.database, options_.table);
    out.parallelism(parallelism_)
        .batch_size(options_.batch_size)
        .client_batch_size_limit(options_.batch_bytes)
        .byte_budget(options_.budget)
        .block_size(options_.block_bytes)
        .uploads_in_flight(options_.uploads_in_flight)
        .compression(options_.how());
    if (options_.compression_threads != 0)
        out.compression_threads(options_.compression_threads);
    return out;
}

std::uint64_t bench_run::wanted_records() const
{
    auto wanted = std::numeric_limits<std::uint64_t>::max();
    if (options_.records != 0)
        wanted = options_.records;
    if (options_.bytes != 0)
        wanted = std::min(wanted, static_cast<std::uint64_t>(static_cast<double>(options_.bytes) /
                                                             source_.bytes_per_record()));
    return wanted;
}

asio::awaitable<void> bench_run::producer(sink_writer out, std::vector<std::uint32_t> const* sums,
                                          producer_work& work) const
{
    bool const structs = source_.lines().empty();
    auto const group = options_.group;
    if (group == 1)
        return structs ? produce(std::move(out), source_.structs(), sums, work)
                       : produce(std::move(out), source_.lines(), sums, work);
    return structs ? produce_groups(std::move(out), source_.structs(), group, sums, work)
                   : produce_groups(std::move(out), source_.csv_lines(), group, sums, work);
}

/// Every producer writes its share.
template <class Sink>
void bench_run::write(Sink& sink, std::uint64_t records, steady::time_point until)
{
    std::vector<producer_work> work(options_.producers);
    std::vector<std::future<void>> done;
    auto const* sums = options_.discard == "inflate" ? &source_.line_sums() : nullptr;
    for (std::size_t i = 0; i < work.size(); ++i)
    {
        auto& mine = work[i];
        mine.records = records / work.size() + (i < records % work.size() ? 1 : 0);
        mine.first = first_ + i * source_.size() / work.size();
        mine.until = until;
        auto const out = sink.writer(i % parallelism_);
        auto task = producer(out, sums, mine);
        done.push_back(asio::co_spawn(threads_, std::move(task), asio::use_future));
    }
    // All have ended before the first failure is passed on: they use `work`.
    for (auto& producer : done)
        producer.wait();
    for (auto& producer : done)
        producer.get();
    for (auto const& one : work)
    {
        first_ += one.written;
        line_sum_ += one.line_sum;
        write_.add(one.write);
    }
}

void bench_run::fill(bench_result& out, sink_statistics const& before,
                     sink_statistics const& after, meter const& start, meter const& end) const
{
    out.parallelism = parallelism_;
    out.records = after.report.delivered.records - before.report.delivered.records;
    out.raw_bytes = after.report.delivered.bytes - before.report.delivered.bytes;
    out.batches = after.report.delivered.blobs - before.report.delivered.blobs;
    out.wire_bytes = after.compressed_bytes - before.compressed_bytes;
    out.seconds = std::chrono::duration<double>(end.time - start.time).count();
    out.client_cpu = end.cpu - start.cpu;
    out.server_cpu = end.server_cpu - start.server_cpu;
    out.compress_cpu = out.client_cpu - (end.executor_cpu - start.executor_cpu);
    out.encode_cpu = source_.encode_seconds_per_gb() * static_cast<double>(out.raw_bytes) / 1e9;
    out.peak_rss = peak_resident_bytes();
    out.budget_peak = after.budget_peak_bytes;
    out.write = write_;
    auto delivered = after.latency.end_to_end;
    for (std::size_t i = 0; i < delivered.buckets.size(); ++i)
        delivered.buckets[i] -= before.latency.end_to_end.buckets[i];
    out.delivered_p50 = seconds_of(delivered.quantile(0.5));
    out.delivered_p99 = seconds_of(delivered.quantile(0.99));
    out.writes_that_waited = after.writes_that_waited - before.writes_that_waited;
    out.retries = after.retries - before.retries;
}

/// The server acknowledges messages a little later than the client has posted them.
std::optional<emulator::discarded_counts> bench_run::settled(std::uint64_t blobs)
{
    auto const limit = steady::now() + settle_limit;
    auto seen = server_->discarded();
    while (seen && seen->blobs + seen->failed < blobs && steady::now() < limit)
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        seen = server_->discarded();
    }
    return seen;
}

/// What the server has seen since it was started, against what the sink says.
void bench_run::compare(bench_result& out, delivery_report const& report)
{
    auto const expect = [&](char const* what, std::uint64_t seen, std::uint64_t expected)
    {
        if (seen != expected)
            out.complaints.push_back(std::string(what) + ": " + std::to_string(seen) +
                                     " instead of " + std::to_string(expected));
    };
    expect("records delivered", report.delivered.records, report.accepted.records);
    expect("records written", report.accepted.records, first_);
    auto const seen = settled(report.delivered.blobs);
    if (!seen)
        return;
    expect("blobs at the server", seen->blobs, report.delivered.blobs);
    expect("raw bytes by the messages", seen->raw_bytes, report.delivered.bytes);
    expect("raw bytes by the blobs", seen->announced_bytes, report.delivered.bytes);
    expect("blobs of another size", seen->size_mismatches, 0);
    expect("messages refused", seen->failed, 0);
    if (options_.discard != "inflate")
        return;
    expect("raw bytes inflated", seen->inflated_bytes, report.delivered.bytes);
    expect("lines inflated", seen->lines, report.delivered.records);
    expect("checksum of the lines", seen->line_sum, line_sum_);
}

bench_result bench_run::batching()
{
    batching_sink sink(service_, sink_options());
    if (options_.warm_up != 0)
        write(sink, options_.warm_up, steady::time_point::max());
    (void)wait(sink.flush());
    write_ = fine_histogram();
    reset_peak();
    auto const before = sink.statistics();
    memory_sampler const sampler(options_.timeline, [&] { return sink.statistics(); });
    auto const new_before = allocations();
    meter const start(*server_);
    auto until = steady::time_point::max();
    if (options_.seconds != 0)
        until = start.time + std::chrono::duration_cast<steady::duration>(
                                 std::chrono::duration<double>(options_.seconds));
    write(sink, wanted_records(), until);
    auto const new_after = allocations();
    auto const report = wait(sink.close());
    meter const end(*server_);
    bench_result out;
    out.allocations = new_after - new_before;
    fill(out, before, sink.statistics(), start, end);
    compare(out, report);
    return out;
}

bench_result bench_run::write_ahead()
{
    auto directory = options_.directory;
    if (directory.empty())
        directory = fs::temp_directory_path() / ("kusto-bench-" + std::to_string(::getpid()));
    directory /= "sink-" + std::to_string(parallelism_);
    write_ahead_options const ahead(directory, "bench");
    auto sink = wait(write_ahead_sink::open(service_, sink_options(), ahead));
    reset_peak();
    auto const new_before = allocations();
    meter const start(*server_);
    auto const count = static_cast<std::uint64_t>(options_.checkpoints);
    std::future<void> committed;
    for (std::uint64_t i = 0; i < count; ++i)
    {
        write(sink, wanted_records() / count, steady::time_point::max());
        auto const id = wait(sink.checkpoint(std::to_string(i)));
        // Writing goes on while it is committed.
        committed = asio::co_spawn(threads_, sink.commit(id), asio::use_future);
    }
    auto const new_after = allocations();
    committed.get();
    meter const end(*server_);
    auto const all = sink.statistics();
    bench_result out;
    out.allocations = new_after - new_before;
    fill(out, sink_statistics(), all.local, start, end);
    out.per_checkpoint = seconds_of(all.commit.sum) / options_.checkpoints;
    (void)wait(sink.close());
    if (all.committed.records != first_)
        out.complaints.push_back("committed " + std::to_string(all.committed.records) +
                                 " records of " + std::to_string(first_));
    auto const rows =
        wait(service_.query(options_.database, quoted_name(options_.table) + " | count"));
    bool const counted =
        !rows.empty() && rows.row(0).at(0).get<std::int64_t>() == static_cast<std::int64_t>(first_);
    if (!counted)
        out.complaints.push_back("the table has another number of records");
    std::error_code ignored;
    fs::remove_all(directory, ignored);
    return out;
}

} // namespace

bench_result run_bench(bench_options const& options, bench_source const& source,
                       std::size_t parallelism, int repetition)
{
    bench_run run(options, source, parallelism);
    auto out = options.write_ahead() ? run.write_ahead() : run.batching();
    out.repetition = repetition;
    return out;
}

} // namespace kusto::cli
