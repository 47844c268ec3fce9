#include <cli/doctor_command.hpp>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <kusto/doctor.hpp>
#include <stdexcept>

namespace kusto::cli
{

namespace
{

constexpr auto notes =
    "The connection is a connection string. Everybody on this machine can read the arguments of a\n"
    "program: leave a string with a secret out, so that the environment is used\n"
    "(KUSTO_CONNECTION_STRING, or KUSTO_CLUSTER_URL with AZURE_CLIENT_ID, AZURE_TENANT_ID and\n"
    "AZURE_CLIENT_SECRET; KUSTO_INGESTION_URL, KUSTO_CA_FILE), or write '-' and give it on the\n"
    "standard input. No token, secret or signature is printed.\n\n"
    "Exit status: 0 all is well; 1 warnings; and by the first check that failed: 2 configuration "
    "or\n"
    "credential, 3 network or TLS, 4 rights, or a database, table or mapping that is missing, 5 "
    "the\n"
    "service itself; 6 the diagnosis could not be made or written; 100 and above: wrong usage.";

std::chrono::milliseconds to_duration(double seconds)
{
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

std::string standard_input()
{
    std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

diagnosis run_diagnosis(connection_options where, doctor_options what, deadline until)
{
    boost::asio::io_context context;
    auto op = diagnose(context.get_executor(), std::move(where), std::move(what), until);
    auto made = boost::asio::co_spawn(context, std::move(op), boost::asio::use_future);
    context.run();
    return made.get();
}

} // namespace

doctor_command::doctor_command(CLI::App& program)
    : command_(program.add_subcommand(
          "doctor", "Look at everything that ingestion needs and say what is wrong"))
{
    constexpr double shortest = 0.1;
    constexpr double longest = 3600.0;
    constexpr double longest_check = 300.0; // what doctor_options::check_timeout takes
    auto& c = *command_;
    c.footer(notes);
    c.add_option("connection", connection_,
                 "Connection string; '-': read it from standard input; "
                 "left out: from the environment");
    c.add_option("--database", database_, "Database (default: that of the connection)");
    c.add_option("--table", table_, "Table whose columns, rights and policies are looked at");
    c.add_option("--mapping", mapping_, "Ingestion mapping of the table");
    c.add_option("--mapping-format", mapping_format_, "Format that the mapping is for")
        ->capture_default_str()
        ->check(CLI::IsMember({"csv", "json"}));
    c.add_option("--ingestion-url", ingestion_url_,
                 "Ingestion service, when it is not https://ingest-CLUSTER");
    c.add_option("--authority-host", authority_host_, "Login endpoint");
    c.add_option("--ca-file", ca_file_, "PEM file of the authorities to trust, not the system's");
    c.add_option("--trust-host", trusted_hosts_, "Host or .suffix that may get tokens; repeatable");
    c.add_option("--timeout", timeout_, "For everything, seconds")
        ->capture_default_str()
        ->check(CLI::Range(shortest, longest));
    c.add_option("--check-timeout", check_timeout_, "For one check, seconds")
        ->capture_default_str()
        ->check(CLI::Range(shortest, longest_check));
    c.add_flag("--json", json_, "Print JSON");
}

connection_options doctor_command::connection() const
{
    auto where = connection_.empty()  ? connection_options::from_environment()
                 : connection_ == "-" ? connection_options::from_connection_string(standard_input())
                                      : connection_options::from_connection_string(connection_);
    if (!ingestion_url_.empty())
        where.ingestion_url(ingestion_url_);
    if (!authority_host_.empty())
        where.authority_host(authority_host_);
    if (!ca_file_.empty())
        where.ca_file(ca_file_);
    for (auto const& host : trusted_hosts_)
        where.trust_host(host);
    return where;
}

int doctor_command::run()
{
    if (!mapping_.empty() && table_.empty())
        throw CLI::RequiresError("--mapping", "--table");
    auto const until = deadline::after(to_duration(timeout_));
    doctor_options what;
    what.database(database_).table(table_).check_timeout(to_duration(check_timeout_));
    if (!mapping_.empty())
        what.mapping(mapping_, mapping_format_ == "json" ? data_format::json : data_format::csv);
    diagnosis made;
    try
    {
        made = run_diagnosis(connection(), std::move(what), until);
    }
    catch (error const& wrong)
    {
        made = diagnosis::of(wrong.why());
    }
    auto const text = json_ ? to_json(made) + '\n' : to_text(made);
    bool const written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (std::fflush(stdout) != 0 || !written)
        throw std::runtime_error("cannot write the diagnosis");
    return made.exit_status();
}

} // namespace kusto::cli
