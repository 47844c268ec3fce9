#pragma once

// A local cluster, a table and a directory for tests of the write-ahead sink.

#include "local_cluster.hpp"

#include <boost/describe.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <kusto/schema.hpp>
#include <kusto/write_ahead_sink.hpp>
#include <string>

namespace kusto::test
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct line
{
    std::int64_t id = 0;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, text))

/// A directory of the test's own, gone afterwards.
class scratch
{
public:
    scratch()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "kusto-wal-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~scratch()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }

    std::filesystem::path path;
};

class bench
{
public:
    explicit bench(kusto::emulator::cluster_options options = {}) : local(options)
    {
        local.command(".create table Lines (id: long, text: string)");
    }

    [[nodiscard]] kusto::write_options records() const
    {
        kusto::write_options write("NetDefaultDB", "Lines");
        write.parallelism(2).batch_size(20).ingestion_status_timeout(60s);
        return write.retry(kusto::retry_options().base(5ms).cap(50ms));
    }
    [[nodiscard]] kusto::write_ahead_options options() const
    {
        return kusto::write_ahead_options(directory.path / "sink", "job_1");
    }
    [[nodiscard]] kusto::write_ahead_sink open(kusto::write_options write,
                                               kusto::write_ahead_options ahead)
    {
        return local.run(kusto::write_ahead_sink::open(local.service, write, ahead));
    }
    [[nodiscard]] kusto::write_ahead_sink open() { return open(records(), options()); }
    [[nodiscard]] kusto::errc refusal(kusto::write_options write, kusto::write_ahead_options ahead)
    {
        try
        {
            (void)open(write, ahead);
        }
        catch (kusto::error const& e)
        {
            BOOST_TEST_MESSAGE(e.why().describe());
            return e.why().code();
        }
        return {};
    }

    void write(kusto::write_ahead_sink& sink, std::int64_t first, std::int64_t last)
    {
        local.run(write_lines(sink, first, last));
    }

    void check(std::int64_t count)
    {
        BOOST_TEST(local.ask("Lines | count") == std::to_string(count));
        BOOST_TEST(local.ask("Lines | summarize dcount(id)") == std::to_string(count));
    }

    local_cluster local;
    scratch directory;

private:
    static asio::awaitable<void> write_lines(kusto::write_ahead_sink& sink, std::int64_t first,
                                             std::int64_t last)
    {
        for (auto id = first; id < last; ++id)
        {
            line record;
            record.id = id;
            record.text = "line, \"" + std::to_string(id) + "\"";
            co_await sink.write(record);
        }
    }
};

} // namespace kusto::test
