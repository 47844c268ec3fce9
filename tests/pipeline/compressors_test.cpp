// Every compressor, level and block size: each row is there once, with the content it was written with.
#include "local_cluster.hpp"
#include "write_ahead_bench.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <faults/records.hpp>
#include <kusto/row.hpp>
#include <kusto/sink.hpp>
#include <kusto/write_ahead_sink.hpp>
#include <mutex>
#include <support/compressions.hpp>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using kusto::compression;
using kusto::data_format;
using kusto::faults::record_of;
using kusto::test::local_cluster;
using namespace std::chrono_literals;

namespace
{

constexpr std::uint64_t salt = 11;

/// What goes through one sink.
struct combination
{
    compression how;
    std::uint64_t block_size;
    bool large; ///< one batch of several blocks; or else small batches
    data_format format;
    bool write_ahead;

    [[nodiscard]] std::string name() const
    {
        return how.to_string() + ", blocks of " + std::to_string(block_size) +
               (large ? ", one large batch" : ", small batches") +
               (format == data_format::csv ? ", CSV" : ", JSON") +
               (write_ahead ? ", write-ahead sink" : ", batching sink");
    }
};

/// Lines of all records of one kind, made once.
class line_set
{
public:
    line_set(std::size_t records, std::size_t size) : text_bytes(records * size)
    {
        for (std::size_t i = 0; i < records; ++i)
        {
            auto const [id, check, text] = record_of(salt, static_cast<std::int64_t>(i), size);
            auto const first = std::to_string(id);
            auto const second = std::to_string(check);
            csv.push_back(first + ',' + second + ',' + text);
            json.push_back("{\"id\":" + first + ",\"check\":" + second + ",\"text\":\"" + text +
                           "\"}");
        }
    }

    std::vector<std::string> csv, json;
    std::size_t text_bytes;
};

/// Small batches, or data that is at least two blocks when it is compressed (to 75 % at best).
line_set const& lines_for(combination const& one)
{
    static line_set const small(120, 60), medium(24, 8000), large(240, 8000), largest(840, 8000);
    if (!one.large)
        return small;
    if (one.block_size == 64 << 10)
        return medium;
    return one.block_size == 1 << 20 ? large : largest;
}

kusto::write_options options(combination const& one, std::string table)
{
    kusto::write_options out("NetDefaultDB", std::move(table));
    out.compression(one.how).block_size(one.block_size).compression_threads(2);
    out.batch_size(one.large ? 1'000'000 : 40).batch_interval(60s);
    if (one.write_ahead)
        out.ingestion_status_timeout(120s);
    if (one.format == data_format::json)
        out.ingestion_mapping("by_name", data_format::json);
    return out;
}

template <class Sink>
asio::awaitable<void> write_all(Sink& sink, combination const& one)
{
    auto const& lines = lines_for(one);
    if (one.format == data_format::csv)
        for (auto const& line : lines.csv)
        {
            kusto::csv_line const record(line);
            co_await sink.write(record);
        }
    else
        for (auto const& line : lines.json)
        {
            kusto::json_line const record(line);
            co_await sink.write(record);
        }
}

/// Runs one combination after the other, in a table of its own.
class crowd
{
public:
    crowd() : local_(kusto::emulator::cluster_options().tls(false).batching(10ms, 500, 1u << 30))
    {
    }

    /// Several at a time: each waits for the service most of its time.
    void run(std::vector<combination> const& all)
    {
        std::atomic<std::size_t> next = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 16; ++i)
            threads.emplace_back(
                [&]
                {
                    for (auto at = next++; at < all.size(); at = next++)
                        run_guarded(all[at], "Soak_" + std::to_string(++tables_));
                });
        for (auto& one : threads)
            one.join();
        for (auto const& one : complaints_)
            BOOST_ERROR(one);
        BOOST_TEST(std::exchange(runs_, 0u) == all.size());
    }

private:
    void run_guarded(combination const& one, std::string const& table)
    {
        try
        {
            create(table);
            auto const compressed = one.write_ahead ? commit(one, table) : deliver(one, table);
            if (one.large && compressed <= one.block_size)
                complain(one, "is a single block");
            compare(one, table);
        }
        catch (std::exception const& e)
        {
            complain(one, e.what());
        }
        std::lock_guard const lock(mutex_);
        ++runs_;
    }

    void create(std::string const& table)
    {
        local_.command(".create table " + table + " (id: long, check: long, text: string)");
        local_.command(".create table " + table +
                       " ingestion json mapping 'by_name' "
                       "'[{\"Column\":\"id\",\"Properties\":{\"Path\":\"$.id\"}},"
                       "{\"Column\":\"check\",\"Properties\":{\"Path\":\"$.check\"}},"
                       "{\"Column\":\"text\",\"Properties\":{\"Path\":\"$.text\"}}]'");
    }

    /// \returns the bytes of the blobs
    std::uint64_t deliver(combination const& one, std::string const& table)
    {
        kusto::batching_sink sink(local_.service, options(one, table));
        local_.run(write_all(sink, one));
        auto const report = local_.run(sink.close());
        if (!report.complete() || (report.delivered.blobs == 1) != one.large)
            complain(one, "was not delivered as intended");
        if (!local_.cluster.wait_until_idle(60s))
            complain(one, "the cluster does not come to rest");
        return sink.statistics().compressed_bytes;
    }

    std::uint64_t commit(combination const& one, std::string const& table)
    {
        kusto::test::scratch const directory;
        kusto::write_ahead_options const ahead(directory.path / "sink", table);
        auto sink = local_.run(
            kusto::write_ahead_sink::open(local_.service, options(one, table), ahead));
        local_.run(write_all(sink, one));
        (void)local_.run(sink.checkpoint("end"));
        auto const compressed = sink.statistics().backlog_bytes;
        local_.run(sink.commit(1));
        auto const end = local_.run(sink.close());
        if (end.committed.records != lines_for(one).csv.size())
            complain(one, "was not committed as a whole");
        return compressed;
    }

    void compare(combination const& one, std::string const& table)
    {
        kusto::faults::found_records found;
        found.add_answer(salt, local_.cluster.execute("NetDefaultDB", table));
        auto const& written = lines_for(one);
        bool once = found.times.size() == written.csv.size() && found.foreign == 0;
        for (auto const& [id, times] : found.times)
            once = once && times == 1;
        if (!once)
            complain(one, std::to_string(found.times.size()) + " records of " +
                              std::to_string(written.csv.size()) + ", " +
                              std::to_string(found.foreign) + " damaged ones");
        local_.command(".drop table " + table);
    }

    void complain(combination const& one, std::string const& what)
    {
        std::lock_guard const lock(mutex_);
        complaints_.push_back(one.name() + ": " + what);
    }

    local_cluster local_;
    std::mutex mutex_;
    std::vector<std::string> complaints_;
    std::atomic<std::size_t> tables_ = 0;
    std::size_t runs_ = 0;
};

std::vector<combination> with_blocks_of(std::uint64_t block_size, bool large)
{
    std::vector<combination> out;
    for (auto const& how : kusto::test::all_compressions())
        for (auto const format : {data_format::csv, data_format::json})
            for (bool const write_ahead : {false, true})
                out.push_back(combination{how, block_size, large, format, write_ahead});
    return out;
}

/// Each compressor with every other combination of what follows it in turn: large batches take time.
std::vector<combination> half_of(std::vector<combination> const& all)
{
    std::vector<combination> out;
    for (std::size_t i = 0; i < all.size(); i += 2)
        out.push_back(all[i + (i / 4 + i / 2) % 2]);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compressors)

BOOST_AUTO_TEST_CASE(small_batches)
{
    crowd all;
    for (std::uint64_t const block_size : {64u << 10, 1u << 20, 4u << 20})
        all.run(with_blocks_of(block_size, false));
}

BOOST_AUTO_TEST_CASE(one_batch_of_several_small_blocks)
{
    crowd all;
    all.run(with_blocks_of(64 << 10, true));
}

BOOST_AUTO_TEST_CASE(one_batch_of_several_large_blocks)
{
    crowd all;
    all.run(half_of(with_blocks_of(1 << 20, true)));
    all.run(half_of(half_of(with_blocks_of(4 << 20, true))));
}

BOOST_AUTO_TEST_SUITE_END()
