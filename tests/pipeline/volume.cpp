// Unique ids from 8 producers through 4 writers into a cluster in another process: each is in the
// table exactly once with an equal checksum, and this process's memory stays within the byte budget
// plus a constant.
//
//   volume RECORDS limit|no-limit      under tests/examples/with_cluster.sh
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <future>
#include <iostream>
#include <kusto/sink.hpp>
#include <string>
#include <tuple>
#include <vector>

namespace asio = boost::asio;

namespace
{

constexpr std::int64_t producers = 8;
constexpr std::uint64_t budget = 32u << 20;
/// Code, libraries, thread stacks, TLS, the encoders' and compressors' own buffers.
constexpr std::uint64_t constant = 40u << 20;

/// A checksum term that is different for each id and easy to sum.
std::int64_t check_of(std::int64_t id)
{
    auto x = static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15u;
    x ^= x >> 29;
    return static_cast<std::int64_t>(x & 0x3fffffff);
}

asio::awaitable<void> produce(kusto::batching_sink& sink, std::int64_t first, std::int64_t last,
                              int producer)
{
    std::string const padding(80, 'x');
    for (auto id = first; id < last; ++id)
    {
        auto const record = std::make_tuple(id, producer, check_of(id), std::string_view(padding));
        co_await sink.write(record);
    }
}

std::uint64_t peak_resident_bytes()
{
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word)
        if (word == "VmHWM:")
        {
            std::uint64_t kib = 0;
            status >> kib;
            return kib * 1024;
        }
    return 0;
}

struct totals
{
    std::int64_t count = 0, distinct = 0, check = 0;
};

asio::awaitable<totals> read_back(kusto::client service, std::int64_t expected)
{
    // Queued ingestion is asynchronous: ask until all rows are there, a minute at most.
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int i = 0; i < 600; ++i)
    {
        auto const count = co_await service.query("", "Volume | count");
        if (count.at(0, "Count").get<std::int64_t>() >= expected)
            break;
        timer.expires_after(std::chrono::milliseconds(100));
        co_await timer.async_wait(asio::use_awaitable);
    }
    auto const table = co_await service.query(
        "", "Volume | summarize n = count(), d = dcount(Id), c = sum(Check)");
    totals all;
    all.count = table.at(0, "n").get<std::int64_t>();
    all.distinct = table.at(0, "d").get<std::int64_t>();
    all.check = table.at(0, "c").get<std::int64_t>();
    co_return all;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3)
        return 2;
    std::int64_t const records = std::stoll(argv[1]);
    bool const limited = std::string_view(argv[2]) == "limit";

    asio::thread_pool threads(4);
    kusto::client service(threads.get_executor(), kusto::connection_options::from_environment());
    auto options = kusto::write_options("NetDefaultDB", "Volume");
    options.parallelism(4).batch_size(50'000).byte_budget(budget).compression(kusto::compression::zlib(1));
    kusto::batching_sink sink(service, options);

    std::vector<std::future<void>> done;
    for (std::int64_t i = 0; i < producers; ++i)
        done.push_back(asio::co_spawn(threads,
                                      produce(sink, records * i / producers,
                                              records * (i + 1) / producers, static_cast<int>(i)),
                                      asio::use_future));
    for (auto& producer : done)
        producer.get();
    auto const report = asio::co_spawn(threads, sink.close(), asio::use_future).get();
    auto const all = sink.statistics();
    auto const found = asio::co_spawn(threads, read_back(service, records), asio::use_future).get();
    threads.join();

    std::int64_t check = 0;
    for (std::int64_t id = 0; id < records; ++id)
        check += check_of(id);
    auto const peak = peak_resident_bytes();
    std::cout << "accepted " << report.accepted.records << ", delivered " << report.delivered.records
              << " in " << report.delivered.blobs << " blobs\n"
              << "rows " << found.count << ", distinct ids " << found.distinct << ", checksum "
              << found.check << " (written: " << check << ")\n"
              << "peak RSS " << (peak >> 20) << " MiB; budget " << (budget >> 20) << " MiB + constant "
              << (constant >> 20) << " MiB; budget used at most " << (all.budget_peak_bytes >> 20)
              << " MiB; " << all.writes_that_waited << " writes waited" << std::endl;
    bool const exact = report.complete() && found.count == records && found.distinct == records &&
                       found.check == check;
    bool const small = !limited || peak <= budget + constant;
    return exact && small && all.budget_peak_bytes <= budget ? 0 : 1;
}
