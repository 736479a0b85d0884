/** The frame around the pages. */

export const shell = {
  account: (email: string) => `Account ${email}`,
  allProjects: "Tidemark, all projects",
  auto: "System",
  colours: (scheme: string) => `Colour scheme: ${scheme}`,
  dark: "Dark",
  light: "Light",
  navigation: "Navigation",
  pages: "Pages",
  project: "Project",
  signOut: "Sign out",
  signOutFailed: (cause: string) => `Couldn't sign you out: ${cause}`,
  skip: "Skip to content",
  unreachable: "Can't reach Tidemark",
  yourAccount: "Your account",
  links: {
    admin: "Admin",
    insights: "Insights",
    overview: "Overview",
    projects: "Projects",
    reports: "Reports",
    settings: "Settings",
  },
};
