import "react-native-get-random-values";
import AsyncStorage from "@react-native-async-storage/async-storage";
import { createTidemark } from "@tidemark/browser/react-native";
import AsyncStorage2 from "async-storage-2";
import { AppRegistry, AppState, Button } from "react-native";

const tidemark = createTidemark({ project: "PUBLIC_KEY", apiUrl: "TIDEMARK_URL", storage: AsyncStorage, appState: AppState });
createTidemark({ project: "PUBLIC_KEY", apiUrl: "TIDEMARK_URL", storage: AsyncStorage2, appState: AppState });

function App() {
  return <Button title="Click" onPress={() => { tidemark.event("clicked", { by: "hand" }); }} />;
}

AppRegistry.registerComponent("app", () => App);
