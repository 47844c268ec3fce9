// Writes two batches, one of one block and one of many, to storage that it is given by URL, and says
// on stdout what it wrote. Driven by azurite.mjs.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <random>
#include <string>
#include <tuple>

namespace asio = boost::asio;

namespace
{

std::string random_text(std::mt19937& random, std::size_t length)
{
    std::string text(length, ' ');
    for (auto& c : text)
        c = "abcdefghijklmnopqrstuvwxyz,\"0123456789"[random() % 38];
    return text;
}

/// The CSV form of the records below, written independently of the library.
std::string expected_line(int id, std::string const& text)
{
    std::string line = std::to_string(id) + ',';
    if (text.find_first_of(",\"") == std::string::npos)
        return line + text + '\n';
    line += '"';
    for (char const c : text)
        line.append(c == '"' ? 2 : 1, c);
    return line + "\"\n";
}

asio::awaitable<void> write_batch(kusto::client service, std::string file, int records,
                                  std::size_t length, std::string blocks)
{
    auto options = kusto::write_options("NetDefaultDB", "Events");
    options.batch_size(1'000'000).block_size(64 << 10).drop_by_tag("azurite");
    kusto::batching_sink sink(service, options);
    std::ofstream raw(file, std::ios::binary);
    std::mt19937 random(static_cast<unsigned>(records));
    for (int id = 0; id < records; ++id)
    {
        auto const record = std::make_tuple(id, random_text(random, length));
        raw << expected_line(id, std::get<1>(record));
        co_await sink.write(record);
    }
    raw.close();
    auto const report = co_await sink.close();
    if (!report.complete() || report.delivered.blobs != 1)
        throw std::runtime_error("not delivered as one blob: " +
                                 (report.first_failure ? report.first_failure->describe() : ""));
    std::cout << R"({"file":")" << file << R"(","records":)" << records << R"(,"blocks":")" << blocks
              << "\"}" << std::endl;
}

asio::awaitable<void> write_both(kusto::client service, std::string folder)
{
    co_await write_batch(service, folder + "/small.csv", 100, 20, "one");
    co_await write_batch(service, folder + "/large.csv", 5000, 200, "many");
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 || !std::getenv("KUSTO_CONTAINER") || !std::getenv("KUSTO_QUEUE"))
    {
        std::cerr << "usage: KUSTO_CONTAINER=... KUSTO_QUEUE=... azurite_sink FOLDER\n";
        return 2;
    }
    kusto::emulator::cluster_options options;
    options.external_storage({std::getenv("KUSTO_CONTAINER")}, {std::getenv("KUSTO_QUEUE")});
    kusto::emulator::cluster cluster(options);
    cluster.execute("NetDefaultDB", ".create table Events (Id: int, Text: string)");
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    asio::io_context io;
    auto done = asio::co_spawn(io, write_both(kusto::client(io.get_executor(), where), argv[1]),
                               asio::use_future);
    io.run();
    done.get();
}
