// Follows a growing log file into a table, each line exactly once, however often the program is
// killed: the position in the file is part of each checkpoint.
//
//   08_write_ahead LOG DIRECTORY [--to-end]     follow LOG (with --to-end: until its end)
//   08_write_ahead --dump                       print the lines in the table
//
// The cluster and the credential come from the environment, as in 06_real_cluster; the table
// Lines (Offset: long, Text: string) must be there.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>
#include <cstring>
#include <fstream>
#include <iostream>
#include <kusto/write_ahead_sink.hpp>
#include <tuple>

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Writes the lines from `offset` on that are complete. \returns where they end
asio::awaitable<std::int64_t> write_lines(kusto::write_ahead_sink& sink, std::string const& log,
                                          std::int64_t offset)
{
    std::ifstream file(log, std::ios::binary);
    file.seekg(offset);
    std::string line;
    while (std::getline(file, line) && !file.eof())
    {
        auto const record = std::make_tuple(offset, line);
        co_await sink.write(record);
        offset += static_cast<std::int64_t>(line.size()) + 1;
        // What was written so far goes up to here. Costs next to nothing until a checkpoint is due.
        co_await sink.advance(std::to_string(offset));
    }
    co_return offset;
}

asio::awaitable<void> follow(kusto::client service, std::string log, std::string directory,
                             bool to_end, bool const& stopped)
{
    kusto::write_ahead_options options(directory, "log");
    options.checkpoint_interval(200ms);
    auto sink = co_await kusto::write_ahead_sink::open(
        service, kusto::write_options("NetDefaultDB", "Lines"), options);
    auto const position = sink.restored_position();
    std::int64_t offset = position ? std::stoll(*position) : 0;
    std::cout << "from " << offset << std::endl;

    asio::steady_timer timer(co_await asio::this_coro::executor);
    bool more = true;
    while (more && !stopped)
    {
        auto const end = co_await write_lines(sink, log, offset);
        more = !to_end || end != offset;
        offset = end;
        timer.expires_after(50ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
    // What is left of earlier runs, and everything that was advanced to.
    co_await sink.checkpoint_and_commit(std::to_string(offset));
    auto const report = co_await sink.close();
    std::cout << "to " << offset << ", " << report.committed.records << " lines committed\n";
}

asio::awaitable<void> dump(kusto::client service)
{
    auto const rows = co_await service.query("NetDefaultDB", "Lines | order by Offset asc");
    for (std::size_t i = 0; i < rows.size(); ++i)
        std::cout << rows.at(i, "Text").get<std::string_view>() << '\n';
}

int main(int argc, char** argv)
{
    bool const dumping = argc == 2 && std::strcmp(argv[1], "--dump") == 0;
    bool const to_end = argc == 4 && std::strcmp(argv[3], "--to-end") == 0;
    if (!dumping && argc != 3 && !to_end)
    {
        std::cerr << "usage: 08_write_ahead LOG DIRECTORY [--to-end] | 08_write_ahead --dump\n";
        return 2;
    }
    try
    {
        asio::io_context context;
        kusto::client service(context.get_executor(), kusto::connection_options::from_environment());
        bool stopped = false;
        asio::signal_set signals(context, SIGINT, SIGTERM);
        signals.async_wait([&](auto, int) { stopped = true; });
        auto work = dumping ? dump(service) : follow(service, argv[1], argv[2], to_end, stopped);
        auto done = asio::co_spawn(context, std::move(work), asio::use_future);
        while (done.wait_for(0s) != std::future_status::ready)
            context.run_one();
        done.get();
        return 0;
    }
    catch (kusto::error const& e)
    {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
