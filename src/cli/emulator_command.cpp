#include <cli/emulator_command.hpp>
#include <cli/emulator_identity.hpp>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/schema.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace kusto::cli
{

struct emulator_command::settings
{
    std::uint16_t port = 0;
    std::uint16_t ingestion_port = 0;
    std::uint16_t storage_port = 0;
    bool no_tls = false;
    bool no_authentication = false;
    std::vector<std::string> databases;
    std::string file;
    std::string ca_out;
    std::string faults;
    std::int64_t batching_ms = 1000;
    std::uint64_t batching_items = 500;
    std::uint64_t batching_bytes = std::uint64_t(1) << 30;
    std::int64_t sas_minutes = 240;
    std::int64_t token_seconds = 3600;
    std::size_t accounts = 2;
    std::size_t threads = 2;
    std::int64_t visibility_ms = 0;
    bool tags_in_two_steps = false;
    std::string role = "admin";
    std::string discard = "off";
    emulator_identity identity;
};

namespace
{

/// Blocks the signals in this thread and all that it starts, so that only `wait` receives them.
class stop_signals
{
public:
    stop_signals()
    {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }

    void wait() const
    {
        int received = 0;
        sigwait(&set_, &received);
    }

private:
    sigset_t set_;
};

void write_file(std::string const& path, std::string const& text)
{
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out)
        throw std::runtime_error("cannot write '" + path + "'");
}

std::string read_file(std::string const& path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        throw std::runtime_error("cannot read '" + path + "'");
    return text.str();
}

/// \param name  one of those that the option allows
emulator::principal_role role_of(std::string const& name)
{
    using emulator::principal_role;
    if (name == "ingestor")
        return principal_role::ingestor;
    return name == "viewer" ? principal_role::viewer : principal_role::admin;
}

/// \param name  one of those that the option allows
emulator::discard_mode discard_of(std::string const& name)
{
    using emulator::discard_mode;
    if (name == "checksum")
        return discard_mode::checksum;
    return name == "inflate" ? discard_mode::inflate : discard_mode::off;
}

emulator::fault_script read_faults(std::string const& path)
{
    try
    {
        return emulator::fault_script::from_json(read_file(path));
    }
    catch (emulator::fault_script_error const& error)
    {
        throw std::runtime_error("'" + path + "': " + error.what());
    }
}

std::string refuse_bad_name(std::string const& name)
{
    try
    {
        static_cast<void>(quoted_name(name));
        return {};
    }
    catch (error const& wrong)
    {
        return wrong.why().message();
    }
}

void print_faults(emulator::cluster const& cluster)
{
    auto const counts = cluster.fault_counts();
    for (std::size_t i = 0; i < counts.size(); ++i)
        std::printf("fault rule %zu: matched %llu, applied %llu\n", i,
                    static_cast<unsigned long long>(counts[i].matched),
                    static_cast<unsigned long long>(counts[i].applied));
}

void print_addresses(emulator::cluster const& cluster, std::string const& ca_path)
{
    auto const line = [](char const* label, std::string const& text)
    { std::printf("%s: %s\n", label, text.c_str()); };
    auto const& options = cluster.options();
    line("engine", cluster.engine_url());
    line("ingestion", cluster.ingestion_url());
    line("storage", cluster.storage_url());
    line("authority", cluster.authority_url());
    line("tenant", options.tenant());
    line("client id", options.client_id());
    line("client secret", options.client_secret());
    for (auto const& database : options.databases())
        line("database", database);
    line("connection string", cluster.connection_string());
    if (!ca_path.empty())
    {
        line("CA certificate", ca_path);
        std::printf("Trust it in a client with, for example:\n"
                    "  SSL_CERT_FILE=%s your-program   (OpenSSL)\n"
                    "  NODE_EXTRA_CA_CERTS=%s node ...\n"
                    "  curl --cacert %s %s/v1/rest/auth/metadata\n",
                    ca_path.c_str(), ca_path.c_str(), ca_path.c_str(),
                    cluster.engine_url().c_str());
    }
    if (!options.faults().rules().empty())
        std::printf("faults: %zu rules, seed %llu\n", options.faults().rules().size(),
                    static_cast<unsigned long long>(options.faults().seed()));
}

} // namespace

emulator_command::emulator_command(CLI::App& program)
    : settings_(std::make_unique<settings>()),
      command_(program.add_subcommand("emulator", "Serve a Kusto cluster on loopback"))
{
    add_place_options();
    add_behaviour_options();
    settings_->identity.add_options(*command_);
}

/// Where it is, and what is there.
void emulator_command::add_place_options()
{
    auto& s = *settings_;
    command_->add_option("--port", s.port, "Engine and login port (0 = any free one)");
    command_->add_option("--ingestion-port", s.ingestion_port, "Ingestion service port");
    command_->add_option("--storage-port", s.storage_port, "Storage port");
    command_->add_flag("--no-tls", s.no_tls, "Plain HTTP");
    command_->add_flag("--no-authentication", s.no_authentication,
                       "Accept requests without a bearer token");
    command_->add_option("--database", s.databases, "A database; repeat for more")
        ->default_str("NetDefaultDB")
        ->check(refuse_bad_name);
    command_->add_option("--file", s.file, "SQLite file for tables and rows (default: memory)");
    command_->add_option("--ca-out", s.ca_out, "Write the CA certificate (PEM) here")
        ->default_str("kusto-emulator-ca.pem");
    command_->add_option("--accounts", s.accounts, "Storage accounts")
        ->capture_default_str()
        ->check(CLI::Range(1, 100));
    command_->add_option("--threads", s.threads, "Threads that serve requests")
        ->capture_default_str()
        ->check(CLI::Range(1, 256));
}

void emulator_command::add_behaviour_options()
{
    constexpr std::int64_t year_of_minutes = 525'600;
    constexpr std::uint64_t most = std::uint64_t(1) << 40;
    auto& s = *settings_;
    command_->add_option("--batching-span", s.batching_ms, "Longest wait of a batch, ms")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t(0), std::int64_t(86'400'000)));
    command_->add_option("--batching-items", s.batching_items, "Most blobs of a batch")
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t(1), most));
    command_->add_option("--batching-bytes", s.batching_bytes, "Most raw bytes of a batch")
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t(1), most));
    command_->add_option("--sas-lifetime", s.sas_minutes, "Lifetime of signatures, minutes")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t(1), year_of_minutes));
    command_->add_option("--token-lifetime", s.token_seconds, "Lifetime of tokens, seconds")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t(1), 60 * year_of_minutes));
    command_->add_option(
        "--faults", s.faults,
        "JSON file that says what goes wrong, and when, for example "
        R"({"rules":[{"action":"status","code":503,"route":"put_blob","times":2}]})"
        "; all actions and routes are in src/emulator/README.md");
    command_
        ->add_option("--extent-visibility-delay", s.visibility_ms,
                     "Time from an ingestion until its extent is seen, ms")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t(0), std::int64_t(86'400'000)));
    command_->add_flag("--tags-in-two-steps", s.tags_in_two_steps,
                       "Check ingestIfNotExists before the ingestion and not with it, so that "
                       "ingestions of one tag at the same time all pass");
    command_->add_option("--role", s.role, "What the application may do")
        ->capture_default_str()
        ->check(CLI::IsMember({"admin", "ingestor", "viewer"}));
    command_
        ->add_flag("--discard{checksum}", s.discard,
                   "Check requests as always, sum up blobs and forget them; messages are "
                   "acknowledged. =inflate also counts what is inside of the blobs. Counts: GET "
                   "/admin/discarded of the engine, and at the end")
        ->check(CLI::IsMember({"off", "checksum", "inflate"}));
}

emulator_command::~emulator_command() = default;

bool emulator_command::chosen() const
{
    return command_->parsed();
}

int emulator_command::run()
{
    auto& s = *settings_;
    stop_signals const signals;
    emulator::cluster_options options;
    options.tls(!s.no_tls)
        .authentication(!s.no_authentication)
        .port(s.port)
        .ingestion_port(s.ingestion_port)
        .storage_port(s.storage_port)
        .file(s.file)
        .storage_accounts(s.accounts)
        .threads(s.threads)
        .batching(std::chrono::milliseconds(s.batching_ms), s.batching_items, s.batching_bytes)
        .sas_lifetime(std::chrono::minutes(s.sas_minutes))
        .token_lifetime(std::chrono::seconds(s.token_seconds))
        .extent_visibility_delay(std::chrono::milliseconds(s.visibility_ms))
        .atomic_ingest_if_not_exists(!s.tags_in_two_steps)
        .role(role_of(s.role))
        .discard(discard_of(s.discard));
    s.identity.apply(options);
    if (!s.faults.empty())
        options.faults(read_faults(s.faults));
    for (auto const& name : s.databases)
        options.database(name);
    if (s.databases.empty())
        options.database("NetDefaultDB");

    emulator::cluster cluster(options);
    std::string const ca_path =
        s.no_tls ? std::string() : (s.ca_out.empty() ? "kusto-emulator-ca.pem" : s.ca_out);
    if (!ca_path.empty())
        write_file(ca_path, cluster.ca_pem());
    print_addresses(cluster, ca_path);
    s.identity.start(cluster);
    std::printf("ready\n");
    std::fflush(stdout);
    signals.wait();
    cluster.stop();
    auto const counts = cluster.counts();
    std::printf("stopped: %llu requests, %llu blobs ingested, %llu failed\n",
                static_cast<unsigned long long>(counts.requests),
                static_cast<unsigned long long>(counts.ingested),
                static_cast<unsigned long long>(counts.failed));
    if (options.discard() != emulator::discard_mode::off)
        std::printf("discarded: %s\n", emulator::to_json(cluster.discarded()).c_str());
    print_faults(cluster);
    return 0;
}

} // namespace kusto::cli
