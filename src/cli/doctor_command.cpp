#include <cli/doctor_command.hpp>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cli/foreground.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <kusto/doctor.hpp>
#include <stdexcept>
#include <utility>

namespace kusto::cli
{

namespace
{

constexpr auto notes =
    "The connection is a connection string. Everybody on this machine can read the arguments of a\n"
    "program: leave a string with a secret out, so that the environment is used\n"
    "(KUSTO_CONNECTION_STRING, or KUSTO_CLUSTER_URL with AZURE_CLIENT_ID, AZURE_TENANT_ID and\n"
    "AZURE_CLIENT_SECRET; KUSTO_INGESTION_URL), or write '-' and give it on the standard input.\n"
    "KUSTO_CA_FILE counts with every connection, unless an option says otherwise; the password of\n"
    "--tls-certificate is taken from KUSTO_TLS_CERTIFICATE_PASSWORD. No token, secret or "
    "signature\n"
    "is printed.\n\n"
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

std::string variable(char const* name)
{
    char const* const value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

/// Numbers that are none are compared with no limit.
std::string refuse_infinite(std::string const& text)
{
    double value = 0;
    bool const good = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
    return good ? std::string() : "'" + text + "' is not a number of seconds";
}

void print(std::string const& text)
{
    bool const written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (std::fflush(stdout) != 0 || !written)
        throw std::runtime_error("cannot write the diagnosis");
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
    add_connection_options();
    c.add_option("--database", database_, "Database (default: that of the connection)");
    c.add_option("--table", table_, "Table whose columns, rights and policies are looked at");
    c.add_option("--mapping", mapping_, "Ingestion mapping of the table");
    c.add_option("--mapping-format", mapping_format_, "Format that the mapping is for")
        ->capture_default_str()
        ->check(CLI::IsMember({"csv", "json"}));
    c.add_option("--timeout", timeout_, "For everything, seconds")
        ->capture_default_str()
        ->check(refuse_infinite)
        ->check(CLI::Range(shortest, longest));
    c.add_option("--check-timeout", check_timeout_, "For one check, seconds")
        ->capture_default_str()
        ->check(refuse_infinite)
        ->check(CLI::Range(shortest, longest_check));
    c.add_flag("--json", json_, "Print JSON");
}

/// Where the cluster is and how to get there.
void doctor_command::add_connection_options()
{
    auto& c = *command_;
    c.add_option("connection", connection_,
                 "Connection string; '-': read it from standard input; "
                 "left out: from the environment");
    c.add_option("--ingestion-url", ingestion_url_,
                 "Ingestion service, when it is not https://ingest-CLUSTER");
    c.add_option("--authority-host", authority_host_, "Login endpoint");
    ca_file_option_ = c.add_option("--ca-file", ca_file_,
                                   "PEM file of the authorities to trust, not the system's; '': "
                                   "the system's, whatever KUSTO_CA_FILE says");
    c.add_option("--trust-host", trusted_hosts_, "Host or .suffix that may get tokens; repeatable");
    c.add_option("--ca-directory", ca_directory_,
                 "Directory of the authorities to trust, named by their hashes");
    c.add_option("--minimum-tls", minimum_tls_, "Oldest version of TLS that is spoken")
        ->capture_default_str()
        ->check(CLI::IsMember({"1.2", "1.3"}));
    c.add_option("--tls-certificate", tls_certificate_,
                 "File with a certificate and its key (PEM or PFX) for servers that demand one");
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
    // A directory that is given stands for the variable too, and so does a file without a name.
    bool const chosen = ca_file_option_->count() > 0 || !ca_directory_.empty();
    auto const authorities = chosen ? ca_file_ : variable("KUSTO_CA_FILE");
    where.ca_file(authorities).ca_directory(ca_directory_);
    where.minimum_tls(minimum_tls_ == "1.3" ? tls_version::v1_3 : tls_version::v1_2);
    if (!tls_certificate_.empty())
        where.tls_certificate(certificate_source::file(tls_certificate_)
                                  .password(variable("KUSTO_TLS_CERTIFICATE_PASSWORD")));
    for (auto const& host : trusted_hosts_)
        where.trust_host(host);
    return where;
}

int doctor_command::run()
{
    if (!mapping_.empty() && table_.empty())
        throw CLI::RequiresError("--mapping", "--table");
    doctor_options what;
    what.database(database_).table(table_).check_timeout(to_duration(check_timeout_));
    if (!mapping_.empty())
        what.mapping(mapping_, mapping_format_ == "json" ? data_format::json : data_format::csv);
    foreground work;
    diagnosis made;
    try
    {
        auto where = connection();
        // Whoever writes to the standard input may take his time.
        auto const until = deadline::after(to_duration(timeout_));
        made = work.wait_for(diagnose(work.executor(), std::move(where), std::move(what), until));
    }
    catch (error const& wrong)
    {
        made = diagnosis::of(wrong.why());
    }
    print(json_ ? to_json(made) + '\n' : to_text(made));
    return made.exit_status();
}

} // namespace kusto::cli
