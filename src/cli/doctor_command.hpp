#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <cli/command.hpp>
#include <kusto/options.hpp>
#include <string>
#include <vector>

namespace kusto::cli
{

/// Adds `kusto doctor`: looks at everything that ingestion needs and says what is wrong.
class doctor_command final : public command
{
public:
    explicit doctor_command(CLI::App& program);

    [[nodiscard]] bool chosen() const override { return command_->parsed(); }
    /// \returns the exit status of the diagnosis
    int run() override;
    /// Not one of those of a diagnosis.
    [[nodiscard]] int status_of_failure() const noexcept override { return 6; }

private:
    void add_connection_options();
    [[nodiscard]] connection_options connection() const;

    std::string connection_;
    std::string ingestion_url_;
    std::string authority_host_;
    std::string ca_file_;
    std::string ca_directory_;
    std::string minimum_tls_ = "1.2";
    std::string tls_certificate_;
    std::vector<std::string> trusted_hosts_;
    std::string database_;
    std::string table_;
    std::string mapping_;
    std::string mapping_format_ = "csv";
    double timeout_ = 120;
    double check_timeout_ = 15;
    bool json_ = false;
    CLI::App* command_;
    CLI::Option* ca_file_option_ = nullptr;
};

} // namespace kusto::cli
