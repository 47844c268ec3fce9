#include <cli/bench_server.hpp>
#include <cli/plain_client.hpp>

#include <boost/json.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kusto::cli
{

namespace
{

constexpr int start_limit_ms = 30'000;

/// The child's part between fork and exec.
[[noreturn]] void become(std::string const& program, std::vector<char*>& arguments, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(output, STDOUT_FILENO);
    execv(program.c_str(), arguments.data());
    _exit(127);
}

bool has_line(std::string const& text, std::string const& line)
{
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

/// What follows `label: ` in the output; empty if it is not there.
std::string value_of(std::string const& text, std::string const& label)
{
    auto const all = "\n" + text;
    auto const start = all.find("\n" + label + ": ");
    if (start == std::string::npos)
        return {};
    auto const first = start + label.size() + 3;
    return all.substr(first, all.find('\n', first) - first);
}

} // namespace

emulator_process::emulator_process(std::string const& program,
                                   std::vector<std::string> const& given, bool tls)
{
    std::string const ca_file =
        (std::filesystem::temp_directory_path() / ("kusto-bench-ca-" + std::to_string(getpid())))
            .string();
    std::vector<std::string> words{program, "emulator"};
    words.insert(words.end(), given.begin(), given.end());
    if (tls)
        words.insert(words.end(), {"--ca-out", ca_file});
    else
        words.push_back("--no-tls");
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2];
    if (pipe(ends) != 0)
        throw std::runtime_error("cannot make a pipe");
    process_ = fork();
    if (process_ == 0)
        become(program, arguments, ends[1]);
    close(ends[1]);
    output_ = ends[0];
    read_addresses(output_);
    std::ifstream file(ca_file, std::ios::binary);
    if (tls)
        ca_pem_.assign(std::istreambuf_iterator<char>(file), {});
    std::remove(ca_file.c_str());
}

void emulator_process::read_addresses(int from)
{
    std::string text;
    while (!has_line(text, "ready"))
    {
        char piece[4096];
        pollfd waiting{from, POLLIN, 0};
        auto const size = poll(&waiting, 1, start_limit_ms) == 1 ? read(from, piece, sizeof(piece)) : 0;
        if (size <= 0)
            throw std::runtime_error("'kusto emulator' did not start");
        text.append(piece, static_cast<std::size_t>(size));
    }
    engine_url_ = value_of(text, "engine");
    ingestion_url_ = value_of(text, "ingestion");
    connection_string_ = value_of(text, "connection string");
}

emulator_process::~emulator_process()
{
    close(output_);
    if (process_ <= 0)
        return;
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
}

connection_options emulator_process::where() const
{
    auto out = connection_options::from_connection_string(connection_string_);
    out.ingestion_url(ingestion_url_).ca_pem(ca_pem_);
    return out;
}

emulator::discarded_counts emulator_process::discarded() const
{
    plain_client ask(engine_url_, ca_pem_);
    auto const reply = ask.send("GET", "/admin/discarded");
    if (reply.status != 200)
        throw std::runtime_error("the local cluster does not tell its counts");
    return emulator::discarded_from_json(reply.body);
}

} // namespace kusto::cli
