// Loads a file line by line: a CSV file with a header line into columns of its own, anything else
// (a log under /var/log, say) as line number and text.
//
//   05_load_file FILE
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/schema.hpp>
#include <kusto/sink.hpp>
#include <tuple>

namespace asio = boost::asio;

/// Whether a quoted field is still open at the end of `line`. A quote opens a field only at its
/// beginning: one in the middle of a field is an error of this line, not the start of a text.
bool ends_inside_quotes(std::string const& line, bool inside)
{
    bool at_start = !inside;
    for (std::size_t i = 0; i < line.size(); ++i)
    {
        char const c = line[i];
        if (inside)
        {
            if (c == '"' && i + 1 < line.size() && line[i + 1] == '"')
                ++i;
            else if (c == '"')
                inside = false;
            continue;
        }
        if (c == '"' && at_start)
            inside = true;
        at_start = c == ',';
    }
    return inside;
}

/// One CSV record, which spans lines as long as a quoted field is open. Blank lines are no records.
bool read_csv_record(std::istream& file, std::string& record)
{
    do
    {
        if (!std::getline(file, record))
            return false;
    } while (record.find_first_not_of(" \t\r") == std::string::npos);
    std::string next;
    bool inside = ends_inside_quotes(record, false);
    while (inside && std::getline(file, next))
    {
        inside = ends_inside_quotes(next, true);
        record += '\n' + next;
    }
    return true;
}

/// Creates a table of string columns, one for each field of the header.
asio::awaitable<void> create_table(kusto::client service, std::string header)
{
    auto const columns = 1 + std::count(header.begin(), header.end(), ',');
    kusto::table_schema schema;
    for (int i = 0; i < columns; ++i)
        schema.push_back({"Column" + std::to_string(i), "string"});
    auto const command = kusto::create_merge_table_command("File", schema);
    co_await service.execute("NetDefaultDB", command);
}

asio::awaitable<bool> load_csv(kusto::client service, std::istream& file)
{
    std::string record;
    if (!read_csv_record(file, record))
    {
        std::cerr << "the file has no header line\n";
        co_return false;
    }
    co_await create_table(service, record);

    kusto::batching_sink sink(service, kusto::write_options("NetDefaultDB", "File"));
    std::uint64_t refused = 0;
    while (read_csv_record(file, record))
    {
        try
        {
            co_await sink.write(kusto::csv_line(record));
        }
        catch (kusto::error const& e)
        {
            if (e.why().where() != kusto::stage::encode)
                throw;
            ++refused; // only this record was refused; the sink goes on
            std::cerr << e.what() << '\n';
        }
    }
    auto const report = co_await sink.close();
    std::cout << report.delivered.records << " records delivered, " << refused << " refused\n";
    co_return report.complete() && refused == 0;
}

/// Logs hold whatever programs wrote. What is not UTF-8 becomes a question mark.
std::string to_ascii_if_needed(std::string line)
{
    if (!kusto::is_utf8(line))
        std::replace_if(line.begin(), line.end(), [](unsigned char c) { return c > 0x7e; }, '?');
    return line;
}

asio::awaitable<bool> load_lines(kusto::client service, std::istream& file)
{
    co_await service.execute("NetDefaultDB", ".create table File (Number: long, Text: string)");
    kusto::batching_sink sink(service, kusto::write_options("NetDefaultDB", "File"));
    std::string line;
    for (std::int64_t number = 1; std::getline(file, line); ++number)
    {
        auto const record = std::make_tuple(number, to_ascii_if_needed(line));
        co_await sink.write(record);
    }
    auto const report = co_await sink.close();
    std::cout << report.delivered.records << " lines delivered\n";
    co_return report.complete();
}

int main(int argc, char** argv)
{
    std::string const path = argc > 1 ? argv[1] : "/var/log/dpkg.log";
    std::ifstream file(path, std::ios::binary);
    if (!file)
    {
        std::cerr << "cannot read " << path << "\nusage: 05_load_file FILE\n";
        return 2;
    }
    kusto::emulator::cluster cluster;
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    // Two threads: reading a file blocks one of them, and uploads go on beside it.
    asio::thread_pool threads(2);
    kusto::client service(threads.get_executor(), where);
    auto done = asio::co_spawn(
        threads, path.ends_with(".csv") ? load_csv(service, file) : load_lines(service, file),
        asio::use_future);
    try
    {
        bool const complete = done.get();
        cluster.wait_until_idle();
        std::cout << cluster.scalar("NetDefaultDB", "File | count") << " rows in the table\n";
        return complete ? 0 : 1;
    }
    catch (std::exception const& e)
    {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
